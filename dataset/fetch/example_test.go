package fetch_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/dataset/fetch"
)

func Example() {
	set, err := fetch.Find("mnist")
	if err != nil {
		panic(err)
	}
	for _, f := range set.Files {
		fmt.Println(f.Name, f.Size)
	}
	// Output:
	// train-images-idx3-ubyte.gz 9912422
	// train-labels-idx1-ubyte.gz 28881
	// t10k-images-idx3-ubyte.gz 1648877
	// t10k-labels-idx1-ubyte.gz 4542
}
