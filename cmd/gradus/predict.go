package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/dataset/csv"
	"github.com/gradus-ml/gradus/dataset/idx"
	"github.com/gradus-ml/gradus/dataset/imagefile"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
)

type predictCommand struct {
	Model  string   `arg:"" help:"A model: the folder or zip file that gradus train wrote."`
	Files  []string `arg:"" help:"PNG or JPEG pictures, IDX images (also .gz), or CSV rows of features."`
	Invert bool     `help:"Turn pictures to their negative: dark ink on light paper, for a model that learned light on dark."`
	JSON   bool     `name:"json" help:"One JSON object an example."`
}

// Help is shown by gradus predict --help.
func (predictCommand) Help() string {
	return "Pictures are resized and their colours converted to what the model takes.\n\nExample:\n  gradus predict digits photo.png --invert\n  gradus predict digits t10k-images-idx3-ubyte.gz --json"
}

// Run classifies every example of every file.
func (c *predictCommand) Run(ctx context.Context, term *terminal) error {
	model, err := openModel(c.Model)
	if err != nil {
		return err
	}
	if len(model.Classes) == 0 {
		return badInputf("%s: the model has no classes to predict", c.Model)
	}
	model.Net = binarynet.InBits(model.Net)
	predictor, err := model.NewPredictor()
	if err != nil {
		return err
	}
	for _, file := range c.Files {
		read := term.working(func() string { return "reading " + file })
		examples, err := readExamples(file, model)
		read()
		if err != nil {
			return badInput(err)
		}
		if c.Invert {
			if len(model.Input) < 2 {
				return badInputf("%s: --invert is for pictures: the model takes examples of shape %v", file, model.Input)
			}
			for i, v := range examples.Data {
				examples.Data[i] = 1 - v
			}
		}
		const batch = 256
		n := examples.Shape[0]
		for lo := 0; lo < n; lo += batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			hi := min(lo+batch, n)
			p, err := predictor.Probabilities(examples.Rows(lo, hi))
			if err != nil {
				return badInput(fmt.Errorf("%s: %w", file, err))
			}
			for i := range hi - lo {
				if err := c.print(term, file, lo+i, n, model.Classes, p.Row(i)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// print writes one example's classes, the likeliest first.
func (c *predictCommand) print(term *terminal, file string, index, of int, classes []string, p []float32) error {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		}
		return 0
	})
	if c.JSON {
		probabilities := make([]number, len(p))
		for i, v := range p {
			probabilities[i] = number(v)
		}
		return json.NewEncoder(term.Out).Encode(map[string]any{
			"file": file, "index": index, "class": classes[order[0]], "label": order[0], "probabilities": probabilities,
		})
	}
	name := file
	if of > 1 {
		name = fmt.Sprintf("%s[%d]", file, index)
	}
	fmt.Fprintf(term.Out, "%s:", name)
	for _, i := range order[:min(3, len(order))] {
		fmt.Fprintf(term.Out, "  %s %.2f%%", classes[i], 100*p[i])
	}
	_, err := fmt.Fprintln(term.Out)
	return err
}

// readExamples reads a file into a batch of the shape that the model takes.
func readExamples(file string, model *modelfile.Model) (*tensor.Tensor[float32], error) {
	const kinds = "a .png, .jpg or .csv file or IDX images (…-idx3-ubyte, also with .gz)"
	if stat, err := os.Stat(file); err == nil && stat.IsDir() {
		return nil, fmt.Errorf("%s: a folder: want %s", file, kinds)
	}
	size := tensor.Size(model.Input)
	switch ending := strings.ToLower(filepath.Ext(file)); ending {
	case ".png", ".jpg", ".jpeg":
		if len(model.Input) != 3 {
			return nil, fmt.Errorf("%s: the model takes examples of shape %v, not pictures", file, model.Input)
		}
		picture, err := imagefile.Open(file, model.Input[0], model.Input[1], model.Input[2])
		if err != nil {
			return nil, err
		}
		return batchOf(model, picture.Data), nil
	case ".csv":
		table, err := csv.Open(file, csv.Options{Comma: ','})
		if err != nil {
			return nil, err
		}
		if got := table.X.Shape[1]; got != size {
			return nil, fmt.Errorf("%s: %d columns: want %d, the model's features and nothing else", file, got, size)
		}
		return batchOf(model, table.X.Data), nil
	}
	images, err := idx.Open(file)
	var malformed *idx.Error
	if errors.As(err, &malformed) && malformed.Offset == 0 {
		return nil, fmt.Errorf("%s: want %s", file, kinds)
	}
	if err != nil {
		return nil, err
	}
	if got := tensor.Size(images.Shape[1:]); got != size {
		return nil, fmt.Errorf("%s: images of shape %v: want %v", file, images.Shape[1:], model.Input)
	}
	x := make([]float32, len(images.Data))
	for i, b := range images.Data {
		x[i] = float32(b) / 255
	}
	return batchOf(model, x), nil
}

func batchOf(model *modelfile.Model, x []float32) *tensor.Tensor[float32] {
	return tensor.From(x, append([]int{len(x) / tensor.Size(model.Input)}, model.Input...)...)
}
