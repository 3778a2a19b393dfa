package nn_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// The golden files are PyTorch's, made by bench/peers/golden.py.

type goldenArray struct {
	Shape []int
	Data  []float64
}

func readGolden(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// within is the relative error allowed: of each element, or of the typical
// size of the array where an element is smaller. PyTorch adds in other orders.
func within[F tensor.Float]() float64 {
	if F(1)+F(1e-10) == 1 {
		return 1e-5
	}
	return 1e-12
}

func compare[F tensor.Float](t *testing.T, what string, got []F, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d elements, want %d", what, len(got), len(want))
		return
	}
	squares := 0.0
	for _, w := range want {
		squares += w * w
	}
	typical := math.Sqrt(squares / float64(max(1, len(want))))
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= within[F]()*max(math.Abs(w), typical)) {
			t.Errorf("%s[%d]: got %v, want %v", what, i, got[i], w)
			return
		}
	}
}

func convert[F tensor.Float](data []float64, shape ...int) *tensor.Tensor[F] {
	return tensor.Convert[F](tensor.From(data, shape...))
}

// load sets parameters by path, and insists that each has its numbers.
func load[F tensor.Float](t *testing.T, model any, params, buffers map[string][]float64) {
	t.Helper()
	found := 0
	for path, p := range nn.Params[F](model) {
		p.Value = convert[F](params[path], p.Value.Shape...)
		found++
	}
	for path, b := range nn.Buffers[F](model) {
		b.Value = convert[F](buffers[path], b.Value.Shape...)
		found++
	}
	if found != len(params)+len(buffers) {
		t.Fatalf("the model has %d arrays, the golden file %d", found, len(params)+len(buffers))
	}
}

type goldenLayer struct {
	Name, DType     string
	Train           bool
	Architecture    nn.Architecture
	Params, Buffers map[string][]float64
	X, Y            goldenArray
	DY, DX          []float64
	Grads           map[string][]float64
	BuffersAfter    map[string][]float64 `json:"buffers_after"`
}

func TestLayersAgainstPyTorch(t *testing.T) {
	var cases []goldenLayer
	readGolden(t, "testdata/layers.json", &cases)
	for _, c := range cases {
		t.Run(c.DType+"/"+c.Name, func(t *testing.T) {
			if c.DType == "float32" {
				checkGoldenLayer[float32](t, c)
			} else {
				checkGoldenLayer[float64](t, c)
			}
		})
	}
}

func checkGoldenLayer[F tensor.Float](t *testing.T, c goldenLayer) {
	layer, err := nn.Build[F](c.Architecture)
	if err != nil {
		t.Fatal(err)
	}
	load[F](t, layer, c.Params, c.Buffers)
	tape := autodiff.NewTape[F]()
	x := tape.Variable(convert[F](c.X.Data, c.X.Shape...))
	y := layer.Forward(&nn.Pass[F]{Tape: tape, Train: c.Train}, x)
	compare(t, "y", y.Value.Data, c.Y.Data)
	shape, err := layer.OutputShape(c.X.Shape[1:])
	if want := c.Y.Shape[1:]; err != nil || tensor.Size(shape) != tensor.Size(want) || len(shape) != len(want) {
		t.Errorf("output shape %v, %v, want %v", shape, err, want)
	}
	tape.BackwardFrom(y, convert[F](c.DY, c.Y.Shape...).Data)
	compare(t, "dx", x.Grad.Data, c.DX)
	for path, p := range nn.Params[F](layer) {
		if c.Train {
			compare(t, "gradient of "+path, p.Grad.Data, c.Grads[path])
		}
	}
	for path, b := range nn.Buffers[F](layer) {
		compare(t, path, b.Value.Data, c.BuffersAfter[path])
	}
}

func TestModelsAgainstPyTorch(t *testing.T) {
	var cases []struct {
		Name, Spec    string
		Classes       int
		X             goldenArray
		Labels        []int
		Params, Grads map[string][]float64
		Logits        []float64
		Loss          float64
	}
	readGolden(t, "testdata/models.json", &cases)
	for _, c := range cases {
		model, err := nn.Parse[float32](c.Spec, c.X.Shape[1:], c.Classes, newRand())
		if err != nil {
			t.Fatal(err)
		}
		load[float32](t, model, c.Params, nil)
		logits, loss := trainOnce(model, convert[float32](c.X.Data, c.X.Shape...), c.Labels)
		compare(t, c.Name+": logits", logits, c.Logits)
		compare(t, c.Name+": loss", []float32{loss}, []float64{c.Loss})
		for path, p := range nn.Params[float32](model) {
			compare(t, c.Name+": gradient of "+path, p.Grad.Data, c.Grads[path])
		}
	}
}

// trainOnce returns logits and loss of one pass, whose gradients it leaves in
// the model.
func trainOnce(model nn.Layer[float32], x *tensor.Tensor[float32], labels []int) ([]float32, float32) {
	p := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true}
	logits := model.Forward(p, p.Tape.Constant(x))
	loss := losses.CrossEntropy(logits, labels, losses.CrossEntropyOptions{})
	p.Tape.Backward(loss)
	return logits.Value.Data, loss.Value.Data[0]
}

// TestLargeModelAgainstPyTorch runs 784-512-256-10 on numbers that both sides
// make by the same formula in whole numbers.
func TestLargeModelAgainstPyTorch(t *testing.T) {
	var c struct {
		Logits []float64
		Labels []int
		Loss   float64
		Grads  map[string]struct {
			Stride     int
			Samples    []float64
			SumSquares float64 `json:"sum_squares"`
		}
	}
	readGolden(t, "testdata/large.json", &c)
	model, err := nn.Parse[float32]("mlp:512,256", []int{784}, 10, newRand())
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(0)
	for _, p := range nn.Params[float32](model) {
		formula(p.Value, seed, 4)
		seed++
	}
	x := tensor.New[float32](8, 784)
	formula(x, 99, 0)
	logits, loss := trainOnce(model, x, c.Labels)
	compare(t, "logits", logits, c.Logits)
	compare(t, "loss", []float32{loss}, []float64{c.Loss})
	for path, p := range nn.Params[float32](model) {
		want := c.Grads[path]
		var samples []float32
		squares := 0.0
		for i, g := range p.Grad.Data {
			if i%want.Stride == 0 {
				samples = append(samples, g)
			}
			squares += float64(g) * float64(g)
		}
		compare(t, "gradient of "+path, samples, want.Samples)
		compare(t, "sum of squares of "+path, []float32{float32(squares)}, []float64{want.SumSquares})
	}
}

// formula fills t with numbers in [−1, 1)·2^−bits.
func formula(t *tensor.Tensor[float32], seed uint64, bits int) {
	for i := range t.Data {
		hashed := uint64(i)*2654435761 + seed*40503
		for range 2 {
			hashed %= 1 << 32
			hashed = (hashed ^ hashed>>15) * 0x2c1b3c6d
		}
		hashed %= 1 << 32
		t.Data[i] = float32(math.Ldexp(float64(int(hashed>>21)-1024), -10-bits))
	}
}
