package simd

func fence() { storeFence() }
