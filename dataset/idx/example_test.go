package idx_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/gradus-ml/gradus/dataset/idx"
)

func Example() {
	var file bytes.Buffer
	if err := idx.Write(&file, &idx.Array{Shape: []int{2, 3}, Data: []byte{1, 2, 3, 4, 5, 6}}); err != nil {
		panic(err)
	}
	a, err := idx.Read(bytes.NewReader(file.Bytes()), "small")
	fmt.Println(a.Shape, a.Data, err)

	_, err = idx.Read(bytes.NewReader(file.Bytes()[:15]), "cut")
	fmt.Println(err, errors.Is(err, errors.ErrUnsupported))
	// Output:
	// [2 3] [1 2 3 4 5 6] <nil>
	// cut: malformed IDX at byte 15: got the end of the file: want 3 more bytes false
}
