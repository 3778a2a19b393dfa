package simd

import "unsafe"

// placesVectors does two runs at a time.
func placesVectors[F Float](c []F, ldc, rows int, a, src []F, starts []int, runs []Run, start []F, add bool) {
	for ; len(runs) > 0; runs = runs[min(2, len(runs)):] {
		r := runs[0]
		s, inside := r, 1<<r.Count-1
		if len(runs) > 1 {
			s = runs[1]
			inside |= (1<<s.Count - 1) << RunLength[F]()
		}
		switch c := any(c).(type) {
		case []float32:
			src := any(src).([]float32)
			placesF32AVX512(&c[r.Lane], ldc, s.Lane-r.Lane, unsafe.SliceData(any(a).([]float32)), &src[r.From], &src[s.From], unsafe.SliceData(starts),
				len(starts), rows, inside, &any(start).([]float32)[0], index(add))
		case []float64:
			src := any(src).([]float64)
			placesF64AVX512(&c[r.Lane], ldc, s.Lane-r.Lane, unsafe.SliceData(any(a).([]float64)), &src[r.From], &src[s.From], unsafe.SliceData(starts),
				len(starts), rows, inside, &any(start).([]float64)[0], index(add))
		}
	}
}
