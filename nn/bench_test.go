package nn_test

import (
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// step is a training step without the optimiser.
func step(model nn.Layer[float32], p *nn.Pass[float32], x *tensor.Tensor[float32], labels []int) {
	p.Tape.Reset()
	logits := model.Forward(p, p.Tape.Constant(x))
	p.Tape.Backward(losses.CrossEntropy(logits, labels, losses.CrossEntropyOptions{Smoothing: 0.1}))
}

// BenchmarkStep times forward, loss and backward on batches of 128 pictures of
// 28×28.
func BenchmarkStep(b *testing.B) {
	for _, spec := range []string{"mlp:512,256", "mlp:512,256;bn", "mlp:512,256;act=gelu;dropout=0.1", "cnn:32,64/128", "cnn:32,64/128;bn"} {
		b.Run(spec, func(b *testing.B) {
			model, err := nn.Parse[float32](spec, []int{28, 28}, 10, newRand())
			if err != nil {
				b.Fatal(err)
			}
			x, labels := tensor.New[float32](128, 28, 28), make([]int, 128)
			tensor.Uniform(x, newRand(), 0, 1)
			p := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: newRand()}
			step(model, p, x, labels)
			b.ReportAllocs()
			for b.Loop() {
				step(model, p, x, labels)
			}
		})
	}
}

// BenchmarkLayer times one layer forward and backward.
func BenchmarkLayer(b *testing.B) {
	images := []int{128, 32, 28, 28}
	for _, c := range []struct {
		name  string
		layer nn.Layer[float32]
		shape []int
	}{
		{"batchnorm vectors", nn.NewBatchNorm[float32](512), []int{128, 512}},
		{"batchnorm images", nn.NewBatchNorm[float32](32), images},
		{"layernorm", nn.NewLayerNorm[float32](512), []int{128, 512}},
		{"dropout", nn.NewDropout[float32](0.1), []int{128, 512}},
		{"maxpool2d", nn.NewMaxPool2D[float32](2), images},
		{"relu", nn.ReLU[float32]{}, images},
	} {
		b.Run(c.name, func(b *testing.B) {
			x := tensor.New[float32](c.shape...)
			tensor.Normal(x, newRand(), 0, 1)
			p := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: newRand()}
			for b.Loop() {
				p.Tape.Reset()
				y := c.layer.Forward(p, p.Tape.Variable(x))
				p.Tape.BackwardFrom(y, x.Data[:len(y.Value.Data)])
			}
		})
	}
}
