package npy_test

import (
	"bytes"
	"fmt"

	"github.com/gradus-ml/gradus/dataset/npy"
	"github.com/gradus-ml/gradus/tensor"
)

func Example() {
	var file bytes.Buffer
	if err := npy.Write(&file, tensor.From([]float32{1, 2, 3, 4, 5, 6}, 2, 3)); err != nil {
		panic(err)
	}
	a, err := npy.Read(&file, "x.npy")
	fmt.Println(a.Shape, a.Type, a.Float32().Data, err)
	// Output: [2 3] f4 [1 2 3 4 5 6] <nil>
}
