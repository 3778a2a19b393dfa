package simd

import "math"

func addPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func subPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

func mulPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func divPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
}

func addMulPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(a[i], b[i], dst[i])
	}
}

func addScaledPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(s[0], a[i], dst[i])
	}
}

func scalePortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = s[0] * a[i]
	}
}

func absPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = F(math.Abs(float64(a[i])))
	}
}

func sqrtPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = F(math.Sqrt(float64(a[i])))
	}
}

func clampPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		switch v := a[i]; {
		case v < s[0]:
			dst[i] = s[0]
		case v > s[1]:
			dst[i] = s[1]
		default:
			dst[i] = v
		}
	}
}

func standardisePortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(a[i]-s[0], s[1], s[2])
	}
}
