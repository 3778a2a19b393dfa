package report

import (
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Dots is a picture of numbers with intervals, category by category; where
// series share a category their dots stand side by side.
type Dots struct {
	Title  string
	Panels []DotPanel
}

// DotPanel is one set of axes.
type DotPanel struct {
	X, Y       string // labels of the axes, with their units
	Categories []string
	Series     []DotSeries // at most seven
	Legend     Corner
	FromZero   bool // the vertical axis begins at 0
}

// DotSeries is a number for each category; NaN leaves one out.
type DotSeries struct {
	Name      string
	Values    []float64
	Low, High []float64 // the ends of intervals; nil for none
}

// Write draws the picture as "svg" or "png".
func (d Dots) Write(w io.Writer, format string) error {
	return write(w, format, len(d.Panels), d.draw)
}

func (d Dots) draw(canvas draw.Canvas) error {
	rows := make([][]*plot.Plot, len(d.Panels))
	for i, panel := range d.Panels {
		p := plot.New()
		if i == 0 {
			p.Title.Text = d.Title
			p.Title.Padding = vg.Points(6)
		}
		if err := panel.addTo(p); err != nil {
			return err
		}
		for _, font := range []*vg.Length{&p.Title.TextStyle.Font.Size, &p.X.Label.TextStyle.Font.Size, &p.Y.Label.TextStyle.Font.Size, &p.X.Tick.Label.Font.Size, &p.Y.Tick.Label.Font.Size, &p.Legend.TextStyle.Font.Size} {
			*font = vg.Points(9)
		}
		p.Title.TextStyle.Font.Variant, p.Legend.TextStyle.Font.Variant = "Sans", "Sans"
		for _, axis := range []*plot.Axis{&p.X, &p.Y} {
			axis.Label.TextStyle.Font.Variant, axis.Tick.Label.Font.Variant = "Sans", "Sans"
		}
		rows[i] = []*plot.Plot{p}
	}
	tiles := draw.Tiles{Rows: len(rows), Cols: 1, PadX: vg.Points(6), PadY: vg.Points(10),
		PadTop: vg.Points(6), PadBottom: vg.Points(4), PadLeft: vg.Points(4), PadRight: vg.Points(10)}
	for i, row := range plot.Align(rows, tiles, canvas) {
		rows[i][0].Draw(row[0])
	}
	return nil
}

// addTo draws the series in shapes and colours of their own, so that they are
// told apart in grey too.
func (panel DotPanel) addTo(p *plot.Plot) error {
	p.X.Label.Text, p.Y.Label.Text = panel.X, panel.Y
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color = color.Gray{232}
	p.Add(grid)
	if len(panel.Series) > paletteSize {
		return fmt.Errorf("%d series: want at most %d", len(panel.Series), paletteSize)
	}
	for i, s := range panel.Series {
		n := len(panel.Categories)
		if len(s.Values) != n || len(s.Low) != len(s.High) || s.Low != nil && len(s.Low) != n {
			return fmt.Errorf("series %q: %d values and intervals from %d to %d numbers for %d categories", s.Name, len(s.Values), len(s.Low), len(s.High), n)
		}
		offset := 0.55 * (float64(i) - float64(len(panel.Series)-1)/2) / float64(len(panel.Series))
		var points plotter.XYs
		var bars plotter.YErrors
		for k, v := range s.Values {
			if math.IsNaN(v) {
				continue
			}
			points = append(points, plotter.XY{X: float64(k) + offset, Y: v})
			bar := struct{ Low, High float64 }{}
			if s.Low != nil {
				bar.Low, bar.High = v-s.Low[k], s.High[k]-v
			}
			bars = append(bars, bar)
		}
		if len(points) == 0 {
			continue
		}
		marks, err := plotter.NewScatter(points)
		if err != nil {
			return fmt.Errorf("series %q: %w", s.Name, err)
		}
		marks.Color, marks.Shape, marks.Radius = palette(i), glyph(i), vg.Points(2.6)
		if s.Low != nil {
			whiskers, err := plotter.NewYErrorBars(struct {
				plotter.XYs
				plotter.YErrors
			}{points, bars})
			if err != nil {
				return fmt.Errorf("series %q: %w", s.Name, err)
			}
			whiskers.Color, whiskers.Width, whiskers.CapWidth = palette(i), vg.Points(1.2), vg.Points(4)
			p.Add(whiskers)
		}
		p.Add(marks)
		p.Legend.Add(s.Name, marks)
	}
	ticks := make(plot.ConstantTicks, len(panel.Categories))
	for k, name := range panel.Categories {
		ticks[k] = plot.Tick{Value: float64(k), Label: shorten(name, 240/max(1, len(panel.Categories)))}
	}
	p.X.Tick.Marker = ticks
	p.X.Min, p.X.Max = -0.6, float64(len(panel.Categories))-0.4
	if panel.FromZero {
		p.Y.Min = min(0, p.Y.Min)
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticksOf(p.Y.Min, p.Y.Max)) // none where only the legend is
	room := (p.Y.Max - p.Y.Min) * 0.14 * float64(len(panel.Series))
	if panel.Legend == TopRight || panel.Legend == TopLeft {
		p.Y.Max += room
	} else {
		p.Y.Min -= room
	}
	p.Legend.Top = panel.Legend == TopRight || panel.Legend == TopLeft
	p.Legend.Left = panel.Legend == TopLeft || panel.Legend == BottomLeft
	p.Legend.Padding = vg.Points(2)
	return nil
}

// glyph is a shape of its own for each colour of the palette.
func glyph(i int) draw.GlyphDrawer {
	shapes := [paletteSize]draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.RingGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.PlusGlyph{}}
	return shapes[i%paletteSize]
}

// shorten cuts a name that would run into its neighbour.
func shorten(name string, room int) string {
	if letters := []rune(name); len(letters) > max(3, room/3) {
		return string(letters[:max(2, room/3-1)]) + "…"
	}
	return name
}
