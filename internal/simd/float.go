package simd

// Float is the set of element types; tensor.Float is the same set.
type Float interface{ float32 | float64 }
