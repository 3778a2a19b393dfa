package nn_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func kindsOf(model nn.Sequential[float32]) string {
	var kinds []string
	for _, l := range model {
		kinds = append(kinds, nn.KindOf(l))
	}
	return strings.Join(kinds, " ")
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		spec  string
		input []int
		want  string
	}{
		{"linear", []int{784}, "linear"},
		{"linear", []int{28, 28}, "flatten linear"},
		{"mlp:512,256", []int{784}, "linear relu linear relu linear"},
		{"mlp:8x3,4", []int{5}, "linear relu linear relu linear relu linear relu linear"},
		{"cnn:2x2/4x1", []int{8, 8}, "reshape conv2d relu maxpool2d conv2d relu maxpool2d flatten linear relu linear"},
		{"mlp:16;act=gelu;dropout=0.1;bn", []int{1, 28, 28}, "flatten linear batchnorm gelu dropout linear"},
		{"mlp:16;dropout=0", []int{4}, "linear relu linear"},
		{"cnn:4,8/16", []int{784}, "reshape conv2d relu maxpool2d conv2d relu maxpool2d flatten linear relu linear"},
		{"cnn:4/16,8;dropout=.5;act=silu", []int{3, 5, 7}, "conv2d silu maxpool2d flatten linear silu dropout linear silu dropout linear"},
		{"cnn:4;bn;act=leakyrelu", []int{6, 6}, "reshape conv2d batchnorm leakyrelu maxpool2d flatten linear"},
	} {
		model, err := nn.Parse[float32](c.spec, c.input, 10, newRand())
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		if got := kindsOf(model); got != c.want {
			t.Errorf("%s on %v: got layers %s, want %s", c.spec, c.input, got, c.want)
		}
		shape, err := model.OutputShape(c.input)
		if err != nil || !slices.Equal(shape, []int{10}) {
			t.Errorf("%s on %v: output shape %v, %v, want [10]", c.spec, c.input, shape, err)
		}
		pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: newRand()}
		y := model.Forward(pass, pass.Tape.Constant(tensor.New[float32](append([]int{2}, c.input...)...)))
		if !slices.Equal(y.Shape(), []int{2, 10}) {
			t.Errorf("%s on %v: a batch of 2 gives %v, want [2 10]", c.spec, c.input, y.Shape())
		}
	}
}

func TestParseErrorsPointAtTheCharacter(t *testing.T) {
	for _, c := range []struct {
		spec   string
		input  []int
		offset int
		what   string
	}{
		{"", []int{4}, 0, "unknown kind"},
		{"rnn:4", []int{4}, 0, `unknown kind "rnn"`},
		{"mlp", []int{4}, 3, "colon"},
		{"linear:4", []int{4}, 6, "no widths"},
		{"mlp:", []int{4}, 4, `width ""`},
		{"mlp:8,", []int{4}, 6, `width ""`},
		{"mlp:8,y", []int{4}, 6, `width "y"`},
		{"mlp:8,-1", []int{4}, 6, `width "-1"`},
		{"mlp:+8", []int{4}, 4, `width "+8"`},
		{"mlp:8x", []int{4}, 6, `8 repeated ""`},
		{"mlp:4,8x0", []int{4}, 8, `8 repeated "0"`},
		{"mlp:8x2x2", []int{4}, 6, `repeated "2x2"`},
		{"mlp:x2", []int{4}, 4, `width ""`},
		{"mlp:8x1001", []int{4}, 6, "from 1 to 1000"},
		{"mlp:4,8x1000", []int{4}, 6, "more than 1000"},
		{"cnn:2x3", []int{4, 4}, 4, "nothing is left to pool"},
		{"mlp:8/4", []int{4}, 4, `width "8/4"`},
		{"mlp:99999999999999999999", []int{4}, 4, "whole number"},
		{"mlp:16777215", []int{784}, 4, "a model may have"},
		{"cnn:4/", []int{4, 4}, 6, `width ""`},
		{"cnn:4,4,4", []int{4, 4}, 8, "nothing is left to pool"},
		{"cnn:4", []int{5}, 0, "no square"},
		{"cnn:4", []int{1, 2, 3, 4}, 0, "want [height width]"},
		{"mlp:8;", []int{4}, 6, "unknown option"},
		{"mlp:8;bn;act=foo", []int{4}, 13, `activation "foo"`},
		{"mlp:8;act", []int{4}, 9, "activation"},
		{"mlp:8;bn=1", []int{4}, 8, "no value"},
		{"mlp:8;bn;bn", []int{4}, 9, "twice"},
		{"mlp:8;dropout=1", []int{4}, 14, "below 1"},
		{"mlp:8;dropout=NaN", []int{4}, 14, "below 1"},
	} {
		_, err := nn.Parse[float32](c.spec, c.input, 3, newRand())
		var spec *nn.SpecError
		if !errors.As(err, &spec) || spec.Offset != c.offset || !strings.Contains(err.Error(), c.what) {
			t.Errorf("%q: got %v, want offset %d and %q", c.spec, err, c.offset, c.what)
		}
	}
	for _, input := range [][]int{{0}, {-1}, {1 << 40}, {1 << 23, 1 << 23, 1 << 23}} {
		if _, err := nn.Parse[float32]("linear", input, 3, newRand()); err == nil {
			t.Errorf("input %v: got no error", input)
		}
	}
	if _, err := nn.Parse[float32]("linear", []int{4}, 0, newRand()); err == nil {
		t.Error("no classes: got no error")
	}
}

// FuzzParse holds that no text panics, and that what parses can be described
// and built again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"linear", "mlp:8,4", "cnn:2,3/4;bn;act=gelu;dropout=0.5", "mlp:8;;", "cnn:/", "mlp:1e9", "mlp:4x3,2x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		if len(spec) > 40 || strings.ContainsAny(spec, "56789") {
			return // widths that would only cost time
		}
		model, err := nn.Parse[float32](spec, []int{8, 8}, 3, newRand())
		if err == nil {
			roundTrip(t, model)
		}
	})
}

// roundTrip describes a layer, sends that through JSON, builds it, and
// describes it again.
func roundTrip(t *testing.T, layer nn.Layer[float32]) {
	t.Helper()
	described, err := nn.Describe(layer)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(described)
	if err != nil {
		t.Fatal(err)
	}
	var read nn.Architecture
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if !reflect.DeepEqual(read, described) {
		t.Fatalf("%s reads as %v, want %v", text, read, described)
	}
	built, err := nn.Build[float32](read)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	again, err := nn.Describe(built)
	if err != nil || !reflect.DeepEqual(again, described) {
		t.Fatalf("%s: built and described again as %v, %v", text, again, err)
	}
}
