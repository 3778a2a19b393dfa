package imagefile_test

import (
	"fmt"
	"image"
	"image/color"

	"github.com/gradus-ml/gradus/dataset/imagefile"
)

func Example() {
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range 8 {
		img.SetGray(i%4, i/4, color.Gray{255}) // the upper half is white
	}
	x, err := imagefile.Tensor(img, 1, 2, 2)
	fmt.Println(x.Shape, x.At(0, 0, 0) > x.At(0, 1, 0), err)
	// Output: [1 2 2] true <nil>
}
