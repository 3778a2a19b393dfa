package nn

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/gradus-ml/gradus/tensor"
)

// SummaryTable is a table of a model's layers. It is plain data, for JSON too; its
// String method aligns it as text.
type SummaryTable struct {
	Rows         []SummaryRow `json:"rows"`
	Input        []int        `json:"input"`
	Parameters   int          `json:"parameters"`    // elements, each array once
	MultiplyAdds int          `json:"multiply_adds"` // for one example, forwards
}

// SummaryRow is one layer: inside Sequential, one for each of its layers.
type SummaryRow struct {
	Path         string `json:"path"`
	Kind         string `json:"kind"`
	Output       []int  `json:"output"` // the shape of one example
	Parameters   int    `json:"parameters"`
	MultiplyAdds int    `json:"multiply_adds"`
}

// Summary walks a model with the shape of one input example, without
// computing anything, or returns the error of the first layer that cannot take
// its input. Multiply-adds are those of layers with weights; what the other
// layers do is linear in their output and not counted.
func Summary[F tensor.Float](layer Layer[F], input []int) (SummaryTable, error) {
	s := SummaryTable{Input: input, Rows: []SummaryRow{}}
	_, err := summarise(&s, "", layer, input)
	for _, row := range s.Rows {
		s.MultiplyAdds += row.MultiplyAdds
	}
	s.Parameters = elements[F](layer)
	return s, err
}

// countsMultiplyAdds is implemented by layers that do arithmetic worth
// counting.
type countsMultiplyAdds interface{ multiplyAdds(output []int) int }

func summarise[F tensor.Float](s *SummaryTable, path string, layer Layer[F], input []int) ([]int, error) {
	if inner, ok := layer.(Sequential[F]); ok {
		shape := input
		for i, l := range inner {
			var err error
			if shape, err = summarise(s, join(path, fmt.Sprint(i)), l, shape); err != nil {
				return nil, err
			}
		}
		return shape, nil
	}
	if inner, ok := layer.(*Residual[F]); ok {
		shape, err := layer.OutputShape(input)
		if err != nil {
			return nil, at(path, "%w", err)
		}
		if _, err := summarise(s, join(path, "body"), inner.Body, input); err != nil {
			return nil, err
		}
		if inner.Projection != nil {
			_, err = summarise(s, join(path, "projection"), inner.Projection, input)
		}
		return shape, err
	}
	shape, err := layer.OutputShape(input)
	if err != nil {
		return nil, at(path, "%w", err)
	}
	row := SummaryRow{Path: path, Kind: KindOf(layer), Output: shape, Parameters: elements[F](layer)}
	if l, ok := layer.(countsMultiplyAdds); ok {
		row.MultiplyAdds = l.multiplyAdds(shape)
	}
	s.Rows = append(s.Rows, row)
	return shape, nil
}

func (l *Linear[F]) multiplyAdds([]int) int { return len(l.Weight.Value.Data) }

func (l *Conv2D[F]) multiplyAdds(output []int) int {
	return len(l.Weight.Value.Data) * output[1] * output[2]
}

// elements counts the elements of a model's parameters.
func elements[F tensor.Float](model any) int {
	n := 0
	for _, p := range Params[F](model) {
		n += len(p.Value.Data)
	}
	return n
}

// String returns the table as text, with a line of totals.
func (s SummaryTable) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(path, kind, shape, parameters, madds string) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%10s\t%13s\n", path, kind, shape, parameters, madds)
	}
	line("path", "layer", "output", "parameters", "multiply-adds")
	line("", "input", fmt.Sprint(s.Input), "", "")
	for _, r := range s.Rows {
		line(r.Path, r.Kind, fmt.Sprint(r.Output), grouped(r.Parameters), grouped(r.MultiplyAdds))
	}
	line("", "total", "", grouped(s.Parameters), grouped(s.MultiplyAdds))
	_ = w.Flush() // a strings.Builder does not fail
	var trimmed strings.Builder
	for text := range strings.Lines(b.String()) {
		trimmed.WriteString(strings.TrimRight(text, " \n") + "\n")
	}
	return trimmed.String()
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
