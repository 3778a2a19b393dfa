package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestRoughDistances(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testRoughDistances[float32](t)
		testRoughDistances[float64](t)
	})
}

func testRoughDistances[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	list := inputs[F](rng)[0]
	for n := range 131 {
		for offset := range 16 {
			rows := offset % 11
			_, x := guarded[F](n, offset)
			_, y := guarded[F](n*rows, (offset+5)%16)
			whole, dst := guarded[F](rows, (offset+3)%16)
			draw(x, rng, list)
			draw(y, rng, list)
			RoughDistances(dst, x, y)
			for k, got := range dst {
				want := SquaredDistance(x, y[k*n:(k+1)*n])
				if !(math.Abs(float64(got)-want) <= RoughError[F](n)*want) {
					t.Fatalf("%d of %d rows of %d at offset %d: %v, want %v", k, rows, n, offset, got, want)
				}
			}
			unharmed(t, whole, (offset+3)%16, rows)
		}
	}
}

// unharmed wants NaN around the part of whole.
func unharmed[F Float](t *testing.T, whole []F, offset, n int) {
	t.Helper()
	for i, v := range whole {
		if at := i - margin - offset; (at < 0 || at >= n) && v == v {
			t.Fatalf("%d elements at offset %d: wrote element %d", n, offset, at)
		}
	}
}

func TestArgMinAndCount(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testArgMin[float32](t)
		testArgMin[float64](t)
	})
}

func testArgMin[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	for n := range 131 {
		for offset := range 16 {
			_, scores := guarded[F](n, offset)
			_, rest := guarded[F](n, (offset+5)%16)
			for i := range scores { // few values, so that some are equal and all sums exact
				scores[i], rest[i] = F(rng.IntN(2+n)-n/2), F(rng.IntN(3))
			}
			const r = 2
			want, limit, count := 0, F(rng.IntN(2+n)-n/2), 0
			for i, v := range scores {
				if v+r*rest[i] < scores[want]+r*rest[want] {
					want = i
				}
				if v <= limit {
					count++
				}
			}
			if got := ArgMin(scores, rest, r); got != want {
				t.Fatalf("%d scores at offset %d: least is %d, want %d", n, offset, got, want)
			}
			if got := CountAtMost(scores, limit); got != count {
				t.Fatalf("%d scores at offset %d: %d are at most %v, want %d", n, offset, got, limit, count)
			}
		}
	}
}

func TestAddWide(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testAddWide[float32](t)
		testAddWide[float64](t)
	})
}

func testAddWide[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	lists, sums := inputs[F](rng), inputs[float64](rng)
	for n := range 131 {
		for offset := range 16 {
			whole, sum := guarded[float64](n, offset)
			_, x := guarded[F](n, (offset+5)%16)
			draw(sum, rng, sums[offset%2])
			draw(x, rng, lists[offset%2])
			s := []float64{1, -1, 0.3}[offset%3]
			want := make([]float64, n)
			for i, v := range sum {
				want[i] = math.FMA(s, float64(x[i]), v)
			}
			AddWide(sum, x, s)
			if !equalBits(sum, want) {
				t.Fatalf("%d elements at offset %d: %v, want %v", n, offset, sum, want)
			}
			unharmed(t, whole, offset, n)
		}
	}
}

func TestAddRowsWide(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testAddRowsWide[float32](t)
		testAddRowsWide[float64](t)
	})
}

func testAddRowsWide[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(27, 28))
	lists, sums := inputs[F](rng), inputs[float64](rng)
	for n := range 67 {
		for rows := range 11 {
			whole, sum := guarded[float64](n, rows)
			_, data := guarded[F](n*7+3, rows)
			draw(sum, rng, sums[rows%2])
			draw(data, rng, lists[rows%2])
			starts, want := make([]int, rows), append([]float64(nil), sum...)
			for i := range starts {
				starts[i] = rng.IntN(n*6 + 4)
				for j := range want {
					want[j] += float64(data[starts[i]+j])
				}
			}
			AddRowsWide(sum, data, starts)
			if !equalBits(sum, want) {
				t.Fatalf("%d rows of %d: %v, want %v", rows, n, sum, want)
			}
			unharmed(t, whole, rows, n)
		}
	}
}

func TestLeastTwo(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testLeastTwo[float32](t)
		testLeastTwo[float64](t)
	})
}

func testLeastTwo[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 30))
	for rows := range 20 {
		for columns := range 50 {
			offset, stride := (rows+columns)%16, columns+columns%3
			wholeLeast, least := guarded[F](columns, offset)
			wholeOther, other := guarded[F](columns, (offset+7)%16)
			_, scores := guarded[F](rows*stride, (offset+5)%16)
			at, rest, reach := make([]int32, columns), make([]F, rows), make([]F, columns)
			for i := range scores { // few values, so that some are equal and all sums exact
				if scores[i] = F(rng.IntN(9) - 4); rng.IntN(20) == 0 {
					scores[i] = F(math.NaN())
				}
			}
			for k := range rest {
				rest[k] = F(rng.IntN(3))
			}
			for i := range reach {
				reach[i] = F(rng.IntN(3))
			}
			LeastTwo(at, least, other, scores, stride, rest, reach)
			for i := range at {
				first, best := 0, math.Inf(1)
				for k := range rest {
					if sum := float64(scores[k*stride+i] + rest[k]*reach[i]); sum < best {
						first, best = k, sum
					}
				}
				lowest, next := math.Inf(1), math.Inf(1)
				for k := range rest {
					switch v := float64(scores[k*stride+i]); {
					case v != v:
					case k == first:
						lowest = v
					default:
						next = min(next, v)
					}
				}
				if int(at[i]) != first || float64(least[i]) != lowest || float64(other[i]) != next {
					t.Fatalf("column %d of %d × %d: %d, %v, %v, want %d, %v, %v", i, rows, columns, at[i], least[i], other[i], first, lowest, next)
				}
			}
			unharmed(t, wholeLeast, offset, columns)
			unharmed(t, wholeOther, (offset+7)%16, columns)
		}
	}
}
