package dataset

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/gradus-ml/gradus/dataset/idx"
)

// ExportIDX writes a source of pictures to dir in the layout of MNIST, as the
// training or the test part, so that [Open] and other tools read it: values in
// [0, 1] become bytes, rounded to nearest. It makes dir. Each file is written
// under another name first, so that dir never holds half a file. Pictures of
// one channel become [n height width], others [n channels height width]. At
// most 256 classes; every example must have a label.
func ExportIDX(ctx context.Context, source Source, dir string, split Split) error {
	info, n := source.Info(), source.Len()
	shape := info.Shape
	if len(shape) == 3 && shape[0] == 1 {
		shape = shape[1:]
	}
	if len(info.Classes) == 0 || len(info.Classes) > 256 {
		return fmt.Errorf("%s: %d classes: want 1 to 256, a label is one byte", info.Name, len(info.Classes))
	}
	size := info.Size()
	images := &idx.Array{Shape: append([]int{n}, shape...), Data: make([]byte, n*size)}
	labels := &idx.Array{Shape: []int{n}, Data: make([]byte, n)}
	x := make([]float32, size)
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		label, err := source.Read(i, x)
		if err != nil {
			return &ExampleError{info.Name, i, err}
		}
		labels.Data[i] = byte(label)
		for j, v := range x {
			images.Data[i*size+j] = byte(math.Round(255 * math.Min(1, math.Max(0, float64(v)))))
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	prefix := "train"
	if split == Test {
		prefix = "t10k"
	}
	for name, array := range map[string]*idx.Array{prefix + "-images-idx3-ubyte.gz": images, prefix + "-labels-idx1-ubyte.gz": labels} {
		part := filepath.Join(dir, "part-"+name)
		if err := idx.Create(part, array); err != nil {
			os.Remove(part)
			return err
		}
		if err := os.Rename(part, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, classesFile), []byte(strings.Join(info.Classes, "\n")+"\n"), 0o666)
}
