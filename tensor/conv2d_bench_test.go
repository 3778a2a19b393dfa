package tensor

import "testing"

// BenchmarkConv2D times the two convolutions of a small network on digits:
// forward, then the gradients of the input and of the weights.
func BenchmarkConv2D(b *testing.B) {
	first := ConvGeometry{Batch: 64, InChannels: 1, Height: 28, Width: 28, OutChannels: 32, KernelH: 3, KernelW: 3,
		StrideH: 1, StrideW: 1, PadH: 1, PadW: 1, DilationH: 1, DilationW: 1, Groups: 1}
	second := first
	second.InChannels, second.OutChannels, second.Height, second.Width = 32, 64, 14, 14
	strided := second
	strided.StrideH, strided.StrideW = 2, 2
	for _, c := range []struct {
		name string
		ConvGeometry
	}{{"1to32", first}, {"32to64", second}, {"32to64stride2", strided}} {
		g := c.ConvGeometry
		x, w, y := drawConv(g)
		for _, pass := range []struct {
			name string
			run  func()
		}{
			{"forward", func() { Conv2D(y, x, w, nil, g) }},
			{"input", func() { Conv2DInputGradient(x, y, w, g, false) }},
			{"weights", func() { Conv2DWeightGradient(w, y, x, g, false) }},
		} {
			b.Run(c.name+"/"+pass.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					pass.run()
				}
				products := float64(len(y.Data)) * float64(g.InChannels/g.Groups*g.KernelH*g.KernelW)
				b.ReportMetric(2*products*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}
