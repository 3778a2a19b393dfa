package csv_test

import (
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/dataset/csv"
)

func Example() {
	options := csv.Options{Comma: ',', Label: "species"}
	t, err := csv.Read(strings.NewReader("length,width,species\n5.1,3.5,setosa\n7,3.2,versicolor\n"), "iris", options)
	fmt.Println(t.Columns, t.X.Shape, t.Labels, t.Classes, err)

	_, err = csv.Read(strings.NewReader("length,width,species\n5.1,?,setosa\n"), "iris", options)
	fmt.Println(err)
	// Output:
	// [length width] [2 2] [0 1] [setosa versicolor] <nil>
	// iris: line 2, column 2 (width): got "?": want a finite number
}
