package simd

import (
	"math/rand/v2"
	"testing"
)

// levels runs a test at every level that the processor has.
func levels(t *testing.T, test func(t *testing.T)) {
	defer func(level Level) { active = level }(active)
	for level := Portable; level <= detect(); level++ {
		active = level
		t.Run(level.String(), test)
	}
}

func TestPackPlaces(t *testing.T) {
	levels(t, func(t *testing.T) {
		t.Run("float32", testPackPlaces[float32])
		t.Run("float64", testPackPlaces[float64])
	})
}

func testPackPlaces[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	for range 300 {
		width := 4 * (1 + rng.IntN(8))
		starts := make([]int, 1+rng.IntN(9))
		for p := range starts {
			starts[p] = rng.IntN(50)
		}
		var runs []Run
		ends := make([]int, 1+rng.IntN(3))
		for j := range ends {
			for lane := 0; lane < width; {
				n := 1 + rng.IntN(min(RunLength[F](), width-lane))
				runs = append(runs, Run{lane, rng.IntN(100), n})
				lane += n
			}
			ends[j] = len(runs)
		}
		src := inner(drawGuarded[F](rng, 50+100+Slack, false))
		dst := drawGuarded[F](rng, len(ends)*len(starts)*width+Slack, false)
		PackPlaces(inner(dst), width, src, starts, runs, ends)
		checkGuards(t, dst)
		first := 0
		for j, end := range ends {
			for p, start := range starts {
				for _, r := range runs[first:end] {
					for i := range r.Count {
						if got, want := inner(dst)[(j*len(starts)+p)*width+r.Lane+i], src[start+r.From+i]; got != want {
							t.Fatalf("width %d, starts %v, runs %v: panel %d, step %d, lane %d is %v, want %v", width, starts, runs, j, p, r.Lane+i, got, want)
						}
					}
				}
			}
			first = end
		}
	}
}

func TestPackTaps(t *testing.T) {
	levels(t, func(t *testing.T) {
		t.Run("float32", testPackTaps[float32])
		t.Run("float64", testPackTaps[float64])
	})
}

func testPackTaps[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 0))
	for range 300 {
		width := 4 * (1 + rng.IntN(8))
		rows, rowSteps := 1+rng.IntN(4), 1+rng.IntN(20)
		rowStride := rowSteps + rng.IntN(5)
		starts := make([]int, 1+rng.IntN(40))
		for l := range starts {
			starts[l] = rng.IntN(50)
		}
		src := inner(drawGuarded[F](rng, 50+(rows-1)*rowStride+rowSteps+Slack, false))
		steps := rows * rowSteps
		dst := drawGuarded[F](rng, roundUp(len(starts), width)*steps+Slack*width, false)
		PackTaps(inner(dst), width, src, starts, rows, rowStride, rowSteps)
		checkGuards(t, dst)
		for l, start := range starts {
			for p := range steps {
				got, want := inner(dst)[(l/width*steps+p)*width+l%width], src[start+p/rowSteps*rowStride+p%rowSteps]
				if got != want {
					t.Fatalf("width %d, rows %d of %d by %d: lane %d, step %d is %v, want %v", width, rows, rowSteps, rowStride, l, p, got, want)
				}
			}
		}
	}
}

func TestPadRows(t *testing.T) {
	levels(t, func(t *testing.T) {
		t.Run("float32", testPadRows[float32])
		t.Run("float64", testPadRows[float64])
	})
}

func testPadRows[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 0))
	for range 500 {
		left, count, right, rows := rng.IntN(20), rng.IntN(40), rng.IntN(20), 1+rng.IntN(5)
		cols, srcCols := left+count+right, count+rng.IntN(40)
		src := inner(drawGuarded[F](rng, (rows-1)*srcCols+count+rng.IntN(60), false))
		dst := drawGuarded[F](rng, rows*cols+Slack, false)
		PadRows(inner(dst), cols, left, count, src, srcCols, rows)
		checkGuards(t, dst)
		for at, got := range inner(dst)[:rows*cols] {
			var want F
			if j := at%cols - left; j >= 0 && j < count {
				want = src[at/cols*srcCols+j]
			}
			if got != want {
				t.Fatalf("%d rows of %d zeros, %d of %d, %d zeros: element %d is %v, want %v", rows, left, count, srcCols, right, at, got, want)
			}
		}
	}
}

func checkGuards[F Float](t *testing.T, x []F) {
	t.Helper()
	for i := range guard {
		if x[i] == x[i] || x[len(x)-1-i] == x[len(x)-1-i] {
			t.Fatalf("a guard was overwritten: %v", x)
		}
	}
}
