package simd

import "math"

func addPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = v.a[i] + v.b[i]
	}
}

func subPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = v.a[i] - v.b[i]
	}
}

func mulPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = v.a[i] * v.b[i]
	}
}

func divPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = v.a[i] / v.b[i]
	}
}

func addMulPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = fma(v.a[i], v.b[i], v.dst[i])
	}
}

func addScaledPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = fma(v.s[0], v.a[i], v.dst[i])
	}
}

func scalePortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = v.s[0] * v.a[i]
	}
}

func absPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = F(math.Abs(float64(v.a[i])))
	}
}

func sqrtPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = F(math.Sqrt(float64(v.a[i])))
	}
}

func clampPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = min(max(v.a[i], v.s[0]), v.s[1])
	}
}

func standardisePortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = fma(v.a[i]-v.s[0], v.s[1], v.s[2])
	}
}
