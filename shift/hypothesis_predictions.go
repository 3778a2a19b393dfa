package shift

import "github.com/gradus-ml/gradus/internal/domain"

// TestPredictions tests whether two sets of decisions, each in [0, classes),
// have one distribution: Pearson's chi-square test of homogeneity,
//
//	Σ_g Σ_k (n_gk − N_g n_k/N)² / (N_g n_k/N)
//
// with one degree of freedom fewer than there are classes decided. Under label
// shift decisions of a fixed network differ in distribution only if the priors
// do. Unlike [TestPriors] it asks nothing of calibration and counts the noise
// of both sets. Classes expected fewer than five times in a set are joined. It
// returns an invalid_parameter where that leaves fewer than two.
func TestPredictions(source, target []int, classes int) (*Test, error) {
	counts := [2][]float64{make([]float64, classes), make([]float64, classes)}
	for g, decisions := range [2][]int{source, target} {
		for i, d := range decisions {
			if d < 0 || d >= classes {
				return nil, domain.Errorf(domain.InvalidParameter, "decision %d is %d: want a class from 0 to %d", i, d, classes-1)
			}
			counts[g][d]++
		}
	}
	sizes := [2]float64{float64(len(source)), float64(len(target))}
	all := sizes[0] + sizes[1]
	var cells [][2]float64
	var rare [2]float64
	for k := range classes {
		cell := [2]float64{counts[0][k], counts[1][k]}
		if (cell[0]+cell[1])*min(sizes[0], sizes[1]) < 5*all {
			rare[0], rare[1] = rare[0]+cell[0], rare[1]+cell[1]
			continue
		}
		cells = append(cells, cell)
	}
	if rare[0]+rare[1] > 0 {
		cells = append(cells, rare)
	}
	if n := len(cells); n > 1 && (cells[n-1][0]+cells[n-1][1])*min(sizes[0], sizes[1]) < 5*all {
		cells[n-2][0], cells[n-2][1] = cells[n-2][0]+cells[n-1][0], cells[n-2][1]+cells[n-1][1]
		cells = cells[:n-1]
	}
	if len(cells) < 2 {
		return nil, domain.Errorf(domain.InvalidParameter, "%d and %d decisions fall into %d classes that are expected five times: want two or more", len(source), len(target), len(cells))
	}
	var statistic float64
	for _, cell := range cells {
		for g := range cell {
			want := sizes[g] * (cell[0] + cell[1]) / all
			statistic += (cell[g] - want) * (cell[g] - want) / want
		}
	}
	return chiSquare(statistic, len(cells)-1), nil
}
