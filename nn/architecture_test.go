package nn_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
)

func ExampleDescribe() {
	model, _ := nn.Parse[float32]("mlp:16", []int{2, 2}, 3, newRand())
	a, _ := nn.Describe(model)
	text, _ := json.Marshal(a)
	fmt.Println(string(text))
	// Output: {"kind":"sequential","layers":[{"kind":"flatten"},{"kind":"linear","weight":[16,4],"bias":[16]},{"kind":"relu"},{"kind":"linear","weight":[3,16],"bias":[3]}]}
}

func TestBuildRefuses(t *testing.T) {
	deep := strings.Repeat(`{"kind":"sequential","layers":[`, 100) + strings.Repeat("]}", 100)
	for _, c := range []struct{ text, want string }{
		{`[]`, "want an object"},
		{`3`, "want an object"},
		{`{}`, "without a kind"},
		{`{"kind":3}`, "want the name of a layer"},
		{`{"kind":"lstm"}`, `unknown kind of layer "lstm"`},
		{`{"kind":"relu","kind":"relu"}`, "stands twice"},
		{`{"kind":"relu","slope":1}`, `no field "slope"`},
		{`{"kind":"relu","slope":null}`, "null"},
		{`{"kind":"linear"}`, "weight is missing"},
		{`{"kind":"linear","weight":[2]}`, "want [out, in]"},
		{`{"kind":"linear","weight":[2,0]}`, "want positive sizes"},
		{`{"kind":"linear","weight":[2,-3]}`, "whole numbers from 0"},
		{`{"kind":"linear","weight":[2,1.5]}`, "whole numbers from 0"},
		{`{"kind":"linear","weight":[2,3],"bias":[3]}`, "want [2], or none"},
		{`{"kind":"linear","weight":[2,{"kind":"relu"}]}`, "numbers and layers"},
		{`{"kind":"linear","weight":[[2],[3]]}`, "a list of"},
		{`{"kind":"linear","weight":true}`, "found true or false, want a list of whole numbers"},
		{`{"kind":"linear","weight":"1.weight"}`, "does not come before it"},
		{`{"kind":"linear","weight":[1000000,1000000]}`, "elements left"},
		{`{"kind":"linear","weight":[281474976710655,281474976710655]}`, "elements left"},
		{`{"kind":"linear","weight":[1e300,2]}`, "whole numbers from 0"},
		{`{"kind":"leakyrelu","slope":1e999}`, "out of range"},
		{`{"kind":"leakyrelu"}`, "slope: the field is missing"},
		{`{"kind":"sequential","layers":[{"kind":"relu"},{"kind":"linear"}]}`, "1: linear: weight is missing"},
		{`{"kind":"sequential","layers":[3]}`, "found a list of whole numbers, want a list of layers"},
		{`{"kind":"dropout","rate":1}`, "want one in [0, 1)"},
		{`{"kind":"reshape","shape":[16777215,16777215,16777215]}`, "fewer than 2^48"},
		{`{"kind":"normalizedlinear","weight":[2,3],"norm":"l1","delta":0}`, "want none, sqrt or max"},
		{`{"kind":"normalizedlinear","weight":[2,3],"norm":"max","delta":-1}`, "at least 0"},
		{`{"kind":"normalizedlinear","weight":[2,3],"gamma":[3],"norm":"none","delta":0}`, "want [2], or none"},
		{`{"kind":"tiedfilter","weight":[2],"mask":[3],"dilation":1,"stride":1,"padding":0}`, "want [1]"},
		{`{"kind":"tiedfilter","weight":[2],"dilation":0,"stride":1,"padding":0}`, "dilation of 0"},
		{`{"kind":"conv2d","weight":[2,1,3,3],"stride":[0,1],"padding":[0,0],"dilation":[1,1],"groups":1}`, "StrideH"},
		{`{"kind":"conv2d","weight":[2,1,3,3],"stride":[1],"padding":[0,0],"dilation":[1,1],"groups":1}`, "stride: [1]: want two"},
		{`{"kind":"conv2d","weight":[2,1,3,3],"stride":[1,1],"padding":[0,0],"dilation":[1,1],"groups":9007199254740993}`, "groups of"},
		{`{"kind":"conv2d","weight":[2,1,3,3],"stride":[1,1],"padding":[0,0],"dilation":[1,1],"groups":1.5}`, "want a whole number"},
		{`{"kind":"maxpool2d","kernel":[2,2],"stride":[2,2],"padding":[2,2]}`, "half the kernel"},
		{`{"kind":"batchnorm","weight":[2],"bias":[2],"running_mean":[2],"running_var":[3],"momentum":0.1,"epsilon":1e-5}`, "running_var of shape [3]"},
		{deep, "deeper than"},
	} {
		var a nn.Architecture
		err := json.Unmarshal([]byte(c.text), &a)
		if err == nil {
			_, err = nn.Build[float32](a)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.120s: got %v, want an error with %q", c.text, err, c.want)
		}
	}
}

func TestArchitectureKeepsSharedParameters(t *testing.T) {
	a := nn.NewLinear[float32](3, 3, newRand())
	b := &nn.Linear[float32]{Weight: a.Weight, Bias: nn.NewParam[float32](3)}
	model := nn.Sequential[float32]{a, nn.Sequential[float32]{b, a}}
	roundTrip(t, model)
	described, err := nn.Describe(model)
	if err != nil {
		t.Fatal(err)
	}
	built, err := nn.Build[float32](described)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := paths(built), paths(model); got != want {
		t.Errorf("built again with parameters %s, want %s", got, want)
	}
}

func TestBuilderTakesOtherKindsAndLimits(t *testing.T) {
	kinds := append(nn.Kinds[float32](), odd{})
	a := nn.Architecture{Kind: "odd", Fields: []nn.ArchitectureField{{Name: "power", Value: 3.0}}}
	built, err := nn.Builder[float32]{Kinds: kinds}.Build(a)
	if err != nil || built != nn.Layer[float32](odd{Power: 3}) {
		t.Errorf("got %v, %v", built, err)
	}
	a = nn.Architecture{Kind: "linear", Fields: []nn.ArchitectureField{{Name: "weight", Value: []int{3, 3}}}}
	for limit, want := range map[int]bool{8: false, 9: true} {
		if _, err := (nn.Builder[float32]{Kinds: kinds, MaxElements: limit}).Build(a); (err == nil) != want {
			t.Errorf("9 elements of %d: got %v", limit, err)
		}
	}
}

// odd is a layer of another package.
type odd struct{ Power int }

func (odd) Forward(_ *nn.Pass[float32], x *autodiff.Var[float32]) *autodiff.Var[float32] { return x }

func (odd) OutputShape(input []int) ([]int, error) { return input, nil }

func TestEmptySequential(t *testing.T) { roundTrip(t, nn.Sequential[float32]{}) }

func FuzzBuild(f *testing.F) {
	f.Add(`{"kind":"sequential","layers":[{"kind":"linear","weight":[3,2],"bias":[3]},{"kind":"relu"}]}`)
	f.Add(`{"kind":"conv2d","weight":[2,1,3,3],"stride":[1,1],"padding":[0,0],"dilation":[1,1],"groups":1}`)
	f.Add(`{"kind":"batchnorm","running_mean":[2],"running_var":[2],"momentum":0.1,"epsilon":1e-5}`)
	f.Add(`{"kind":"reshape","shape":[1,4,4]}`)
	f.Add(`{"kind":"maxpool2d","kernel":[2,2],"stride":[2,2],"padding":[0,0]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var a nn.Architecture
		if json.Unmarshal([]byte(text), &a) != nil {
			return
		}
		layer, err := nn.Builder[float32]{Kinds: nn.Kinds[float32](), MaxElements: 1 << 16}.Build(a)
		if err != nil {
			return
		}
		roundTrip(t, layer)
		for _, input := range [][]int{{}, {4}, {0}, {1, 4, 4}, {2, 1 << 30, 1 << 30}} {
			_, _ = layer.OutputShape(input) // any answer but a panic
		}
	})
}
