package report

import (
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Matrix is a picture of a square table of shares, such as a confusion matrix:
// a square in each cell whose area is the share, so that 1 in 100 is still
// seen. Those on the diagonal have a colour of their own.
type Matrix struct {
	Title      string
	X, Y       string // what columns and rows are
	Categories []string
	Shares     [][]float64 // [row][column], each from 0 to 1; NaN is left out
}

// Write draws the matrix as "svg" or "png". Rows or columns that are not as
// many as the categories, and shares outside [0, 1], are errors.
func (m Matrix) Write(w io.Writer, format string) error { return write(w, format, 2, m.draw) }

func (m Matrix) draw(canvas draw.Canvas) error {
	n := len(m.Categories)
	if len(m.Shares) != n || n == 0 {
		return fmt.Errorf("matrix %q: %d rows for %d categories", m.Title, len(m.Shares), n)
	}
	for i, row := range m.Shares {
		if len(row) != n {
			return fmt.Errorf("matrix %q: %d columns in row %d for %d categories", m.Title, len(row), i, n)
		}
		for j, v := range row {
			if v < 0 || v > 1 {
				return fmt.Errorf("matrix %q: the share %v in row %d, column %d: want it from 0 to 1", m.Title, v, i, j)
			}
		}
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = m.Title, m.X, m.Y
	p.Title.Padding = vg.Points(6)
	for _, font := range []*vg.Length{&p.Title.TextStyle.Font.Size, &p.X.Label.TextStyle.Font.Size, &p.Y.Label.TextStyle.Font.Size, &p.X.Tick.Label.Font.Size, &p.Y.Tick.Label.Font.Size} {
		*font = vg.Points(9)
	}
	p.Title.TextStyle.Font.Variant = "Sans"
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font.Variant, axis.Tick.Label.Font.Variant = "Sans", "Sans"
		axis.Min, axis.Max = -0.5, float64(n)-0.5
		axis.Padding = 0
	}
	columns, rows := make(plot.ConstantTicks, n), make(plot.ConstantTicks, n)
	for k, name := range m.Categories {
		columns[k] = plot.Tick{Value: float64(k), Label: shorten(name, 240/n)}
		rows[k] = plot.Tick{Value: float64(n - 1 - k), Label: shorten(name, 60)} // the first on top
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = columns, rows
	p.Add(m)
	side := min(canvas.Max.X-canvas.Min.X, canvas.Max.Y-canvas.Min.Y)
	canvas.Max.X = canvas.Min.X + side + vg.Points(20) // room for the names of the rows
	p.Draw(canvas)
	return nil
}

// Plot draws the grid and the squares: it is what gonum's plot asks of a
// plotter.
func (m Matrix) Plot(c draw.Canvas, p *plot.Plot) {
	n := len(m.Categories)
	x, y := p.Transforms(&c)
	grid := draw.LineStyle{Color: color.Gray{232}, Width: vg.Points(0.5)}
	for k := range n + 1 {
		at := float64(k) - 0.5
		c.StrokeLine2(grid, x(at), y(-0.5), x(at), y(float64(n)-0.5))
		c.StrokeLine2(grid, x(-0.5), y(at), x(float64(n)-0.5), y(at))
	}
	for i, row := range m.Shares {
		for j, v := range row {
			if math.IsNaN(v) || v == 0 {
				continue
			}
			half := 0.47 * math.Sqrt(v)
			colour := palette(1)
			if i == j {
				colour = palette(0)
			}
			left, right := x(float64(j)-half), x(float64(j)+half)
			bottom, top := y(float64(n-1-i)-half), y(float64(n-1-i)+half)
			c.FillPolygon(colour, []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}})
		}
	}
}
