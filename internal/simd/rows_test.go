package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAddRows(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testAddRows[float32](t)
		testAddRows[float64](t)
	})
}

func testAddRows[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	lists := inputs[F](rng)
	for n := 1; n <= 130; n++ {
		for offset := range 16 {
			rows := 1 + offset%5
			whole, dst := guarded[F](n, offset)
			_, x := guarded[F](n*rows, (offset+5)%16)
			draw(dst, rng, lists[0])
			draw(x, rng, lists[offset%2])
			want := slices.Clone(dst)
			addRowsPortable(want, x, rows)
			AddRows(dst, x)
			if !equalBits(dst, want) {
				t.Fatalf("%d rows of %d at offset %d: %v, want %v", rows, n, offset, dst, want)
			}
			for i, v := range whole {
				if at := i - margin - offset; (at < 0 || at >= n) && v == v {
					t.Fatalf("%d rows of %d at offset %d wrote element %d", rows, n, offset, at)
				}
			}
		}
	}
}

func TestExpRows(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testExpRows[float32](t)
		testExpRows[float64](t)
	})
}

func testExpRows[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	lists := inputs[F](rng)
	for cols := range 40 {
		for offset := range 16 {
			rows := offset % 5
			n := rows * cols
			whole, dst := guarded[F](n, offset)
			_, x := guarded[F](n, (offset+5)%16)
			draw(x, rng, lists[offset%2])
			top, sums := make([]F, rows), make([]float64, rows)
			ExpRows(dst, x, cols, top, sums)
			for r := range rows {
				checkExpRow(t, dst[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols], top[r], sums[r])
			}
			for i, v := range whole {
				if at := i - margin - offset; (at < 0 || at >= n) && v == v {
					t.Fatalf("%d rows of %d at offset %d wrote element %d", rows, cols, offset, at)
				}
			}
			ExpRows(x, x, cols, top, sums)
			if !equalBits(x, dst) {
				t.Fatalf("%d rows of %d over themselves: %v, want %v", rows, cols, x, dst)
			}
		}
	}
}

func checkExpRow[F Float](t *testing.T, got, row []F, top F, sum float64) {
	t.Helper()
	largest, want := Max(row), 0.0
	if largest != largest {
		if sum == sum {
			t.Fatalf("sum of %v is %v, want NaN", row, sum)
		}
		return
	}
	for i, v := range row {
		term := F(exp(float64(v - largest)))
		if !close(got[i], term, 3, 0, 0) {
			t.Fatalf("term %d of %v is %v, want %v", i, row, got[i], term)
		}
		want += float64(got[i])
	}
	if top != largest || !(math.Abs(sum-want) <= 1e-14*want || sum != sum && want != want) {
		t.Fatalf("maximum and sum of %v are %v and %v, want %v and %v", row, top, sum, largest, want)
	}
}
