package dataset_test

import (
	"image"
	"math"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/tensor"
)

func TestContactSheet(t *testing.T) {
	x := tensor.New[float32](3, 3, 2, 2)
	for i := range 3 { // pure red, green, blue
		for p := range 4 {
			x.Row(i)[4*i+p] = 1
		}
	}
	m, err := dataset.NewMemory("colours", x, []int{0, 1, 2}, []string{"red", "green", "blue"})
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := dataset.ContactSheet(m, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	// Pictures are 64 wide with a gap of 6 and a line of 16 below.
	for i, at := range []image.Point{{38, 38}, {108, 38}, {38, 124}} {
		rgb := [3]uint32{}
		rgb[0], rgb[1], rgb[2], _ = sheet.At(at.X, at.Y).RGBA()
		want := [3]uint32{}
		want[i] = 0xffff
		if rgb != want {
			t.Errorf("picture %d: got %x: want %x", i, rgb, want)
		}
	}
	ink := 0
	for y := 70; y < 86; y++ {
		for x := 6; x < 70; x++ {
			if r, _, _, _ := sheet.At(x, y).RGBA(); r < 0x8000 {
				ink++
			}
		}
	}
	if ink < 20 {
		t.Errorf("%d dark pixels below the first picture: want its class", ink)
	}
	flat, err := dataset.NewMemory("flat", tensor.New[float32](3, 2), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.ContactSheet(flat, 1, 1); err == nil {
		t.Error("showed what is no picture")
	}
	if _, err := dataset.ContactSheet(m, 0, 1); err == nil {
		t.Error("showed no rows")
	}
	for _, huge := range []int{100_000, math.MaxInt} {
		if _, err := dataset.ContactSheet(m, huge, huge); err == nil {
			t.Errorf("took memory for %d rows of as many pictures", huge)
		}
	}
	if _, err := dataset.ContactSheet(faulty{m, 1, 9, nil}, 1, 2); err == nil {
		t.Error("showed a label that is no class")
	}
}
