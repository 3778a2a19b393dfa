package dataset

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gradus-ml/gradus/dataset/idx"
)

// Export writes a source of grey pictures [1, height, width] to a folder, in
// the layout that [Open] reads as the given split: compressed IDX files of
// images and labels, and the names of the classes. Values are cut off to
// [0, 1] and rounded to the 256 steps of a byte.
func Export(ctx context.Context, source Source, dir string, split Split) error {
	info, n := source.Info(), source.Len()
	if len(info.Shape) != 3 || info.Shape[0] != 1 {
		return fmt.Errorf("%s: examples of shape %v: want grey pictures, [1 height width]", info.Name, info.Shape)
	}
	if split != Train && split != Test {
		return fmt.Errorf("%s: %v: want train or test", dir, split)
	}
	if n == 0 || len(info.Classes) == 0 || len(info.Classes) > 256 {
		return fmt.Errorf("%s: %d examples of %d classes: want at least one, of 1 to 256", info.Name, n, len(info.Classes))
	}
	images := &idx.Array{Shape: []int{n, info.Shape[1], info.Shape[2]}}
	labels := &idx.Array{Shape: []int{n}}
	x := make([]float32, info.Size())
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		label, err := source.Read(i, x)
		if err == nil {
			err = checkLabel(label, info.Classes)
		}
		if err != nil {
			return &ExampleError{info.Name, i, err}
		}
		labels.Data = append(labels.Data, byte(label))
		for _, v := range x {
			images.Data = append(images.Data, toByte(v))
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	names := pairNames(split)[1] // with a dash, compressed
	if err := idx.Create(filepath.Join(dir, names.images), images); err != nil {
		return err
	}
	if err := idx.Create(filepath.Join(dir, names.labels), labels); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, classesFile), []byte(strings.Join(info.Classes, "\n")+"\n"), 0o644)
}

// toByte rounds a brightness in [0, 1] to a byte, so that v/255 comes back as
// v.
func toByte(v float32) byte { return byte(255*min(max(v, 0), 1) + 0.5) }
