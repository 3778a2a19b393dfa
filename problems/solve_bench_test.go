package problems

import "testing"

func BenchmarkSolve(b *testing.B) {
	b.ReportAllocs()
	all := library(All())
	for b.Loop() {
		if _, err := all.solve("ema-proximal-sgd", "step_map", []byte(`{"eps": 0.5, "lambda": 1}`)); err != nil {
			b.Fatal(err)
		}
	}
}
