package kmeans

import "github.com/gradus-ml/gradus/tensor"

// Tail averages each center over its wins from a presentation on, which takes
// the noise of the last examples out of it (Polyak and Juditsky, 1992).
type Tail[F tensor.Float] struct {
	From    int               // presentations that are left out
	Centers *tensor.Tensor[F] // [K, n], the averages; zeros where Wins is 0
	Wins    []int             // [K], how many positions are in each
}

// NewTail returns a tail for [Online].Tail that begins after so many
// presentations.
func NewTail[F tensor.Float](o *Online[F], from int) *Tail[F] {
	return &Tail[F]{From: from, Centers: tensor.New[F](o.Centers.Shape...), Wins: make([]int, len(o.Counts))}
}

func (t *Tail[F]) fits(k, n int) bool { return holds(t.Centers, k, n) && len(t.Wins) == k }

func (t *Tail[F]) add(step, k int, y []F) {
	if step <= t.From {
		return
	}
	t.Wins[k]++
	towards(t.Centers.Row(k), y, t.Wins[k])
}

// towards makes mean, of count − 1 values, the mean of one more.
func towards[F tensor.Float](mean, x []F, count int) {
	for i, v := range x {
		mean[i] += (v - mean[i]) / F(count)
	}
}

func holds[F tensor.Float](t *tensor.Tensor[F], k, n int) bool {
	return t != nil && len(t.Shape) == 2 && t.Shape[0] == k && t.Shape[1] == n && len(t.Data) == k*n
}
