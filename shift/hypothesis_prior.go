package shift

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
	"gonum.org/v1/gonum/mathext"
)

// Test is the result of a test of a hypothesis.
type Test struct {
	Statistic float64
	Degrees   int     // of freedom of the chi-square distribution that Statistic has under the hypothesis
	PValue    float64 // its chance of being at least this large
}

func chiSquare(statistic float64, degrees int) *Test {
	return &Test{statistic, degrees, mathext.GammaIncRegComp(float64(degrees)/2, max(0, statistic)/2)}
}

// TestPriors tests whether the priors of unlabelled data are those of
// training. The statistic is the likelihood ratio 2N(max L̄ − L̄(train)) =
// 2N·max L̄, which for calibrated posteriors, many rows and training priors > 0
// has the chi-square distribution with classes − 1 degrees of freedom under
// the hypothesis (Wilks 1938). Classes of training prior 0 do not count.
func TestPriors(p losses.Probs, train []float64) (*Test, error) {
	m, err := MaximumLikelihood(p, train, train, 1e-9)
	if err != nil {
		return nil, err
	}
	degrees := -1
	for _, v := range train {
		if v > 0 {
			degrees++
		}
	}
	if degrees < 1 {
		return nil, domain.Errorf(domain.InvalidParameter, "%d classes have training priors > 0: want at least 2", degrees+1)
	}
	return chiSquare(2*float64(p.Rows())*m.MeanLogRatio, degrees), nil
}
