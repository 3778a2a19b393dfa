package report

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Figure is a picture of panels above each other that share their horizontal
// axis.
type Figure struct {
	Title  string
	X      string // label of the horizontal axis, with its unit
	LogX   bool   // the horizontal axis is logarithmic: every x must be positive
	Panels []Panel
}

// Panel is one set of axes.
type Panel struct {
	Y      string // label of the vertical axis, with its unit
	LogY   bool   // the vertical axis is logarithmic: every y must be positive
	Lines  []Line
	Legend Corner

	// Lo < Hi is a range that the vertical axis shows at least. Without, it is
	// that of the lines.
	Lo, Hi float64
}

// Line is a series of points, X and Y of one length.
type Line struct {
	Name    string // in the legend; not shown if empty
	X, Y    []float64
	Markers bool // draw the points as well
	Dashed  bool // for a prediction or a reference beside a measurement
	Steps   bool // a level around each x, as of a histogram, not a slope between them
	Faint   bool // thin and pale, for what another line summarises
	Same    bool // in the colour of the line before, for a prediction beside its measurement
	Points  bool // the points and no line between them

	Low, High []float64 // the ends of an interval around each y; nil for none
}

// Corner is where a legend has room.
type Corner int

// The corners.
const (
	TopRight Corner = iota
	TopLeft
	BottomRight
	BottomLeft
)

// faintAlpha is the opacity of a faint line, of 255.
const faintAlpha = 110

// paletteSize is the number of colours of palette.
const paletteSize = 7

// palette is that of Okabe and Ito 2008, its yellow left out: too pale on
// white.
func palette(i int) color.NRGBA {
	colours := [paletteSize]color.NRGBA{
		{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255},
		{204, 121, 167, 255}, {86, 180, 233, 255}, {230, 159, 0, 255}, {0, 0, 0, 255},
	}
	return colours[i%paletteSize]
}

// Size of a figure in points: the width of a text column, and of one panel.
const (
	width       = 480
	panelHeight = 190
)

// Save draws the figure into a file, SVG or PNG by its ending. It returns an
// error for another ending, for lines whose lengths differ, and where the file
// cannot be written.
func (f Figure) Save(path string) error {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	if err := CheckEnding(path); err != nil {
		return err
	}
	var picture bytes.Buffer // whole before the file is touched
	if err := f.Write(&picture, format); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, picture.Bytes(), 0o644)
}

// CheckEnding returns an error unless path ends in .svg or .png, so that a
// command can refuse a name before it works for it.
func CheckEnding(path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".svg", ".png":
		return nil
	}
	return fmt.Errorf("%s: a picture's name must end in .svg or .png", path)
}

// Write draws the figure as "svg" or "png".
func (f Figure) Write(w io.Writer, format string) error {
	return write(w, format, len(f.Panels), f.draw)
}

// write draws a picture of panels above each other in a format.
func write(w io.Writer, format string, panels int, paint func(draw.Canvas) error) error {
	height := vg.Points(panelHeight * float64(max(1, panels)))
	switch format {
	case "svg":
		c := vgsvg.New(vg.Points(width), height)
		if err := paint(draw.New(c)); err != nil {
			return err
		}
		_, err := c.WriteTo(w)
		return err
	case "png":
		c := vgimg.NewWith(vgimg.UseWH(vg.Points(width), height), vgimg.UseDPI(144))
		if err := paint(draw.New(c)); err != nil {
			return err
		}
		_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
		return err
	}
	return fmt.Errorf("picture format %q: want svg or png", format)
}

func (f Figure) draw(canvas draw.Canvas) error {
	rows := make([][]*plot.Plot, len(f.Panels))
	for i, panel := range f.Panels {
		p := plot.New()
		if i == 0 {
			p.Title.Text = f.Title
			p.Title.Padding = vg.Points(6)
		}
		if i == len(f.Panels)-1 {
			p.X.Label.Text = f.X
		}
		p.Y.Label.Text = panel.Y
		p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(ticksOf), plot.TickerFunc(ticksOf)
		if f.LogX {
			logarithmic(&p.X)
		}
		if err := panel.addTo(p, f.LogX); err != nil {
			return err
		}
		for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
			style.Font.Variant = "Sans"
			style.Font.Size = vg.Points(9)
		}
		rows[i] = []*plot.Plot{p}
	}
	shareX(rows)
	tiles := draw.Tiles{Rows: len(rows), Cols: 1, PadX: vg.Points(6), PadY: vg.Points(8),
		PadTop: vg.Points(6), PadBottom: vg.Points(4), PadLeft: vg.Points(4), PadRight: vg.Points(10)}
	for i, row := range plot.Align(rows, tiles, canvas) {
		rows[i][0].Draw(row[0])
	}
	return nil
}

// shareX gives all panels the range of x that holds every line.
func shareX(rows [][]*plot.Plot) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		lo, hi = min(lo, row[0].X.Min), max(hi, row[0].X.Max)
	}
	for _, row := range rows {
		row[0].X.Min, row[0].X.Max = lo, hi
	}
}

func (panel Panel) addTo(p *plot.Plot, logX bool) error {
	if panel.LogY {
		logarithmic(&p.Y)
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Gray{232}, color.Gray{232}
	p.Add(grid)
	colour := -1
	for i, l := range panel.Lines {
		if i == 0 || !l.Same {
			colour++
		}
		if len(l.X) != len(l.Y) {
			return fmt.Errorf("line %q: %d values of x, %d of y", l.Name, len(l.X), len(l.Y))
		}
		points := make(plotter.XYs, len(l.X))
		for j := range l.X {
			if logX && !(l.X[j] > 0) || panel.LogY && !(l.Y[j] > 0) {
				return fmt.Errorf("line %q: point (%v, %v) on a logarithmic axis: want a positive number", l.Name, l.X[j], l.Y[j])
			}
			points[j] = plotter.XY{X: along(l.X[j], logX), Y: along(l.Y[j], panel.LogY)}
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return fmt.Errorf("line %q: %w", l.Name, err)
		}
		c := palette(colour)
		line.Width = vg.Points(1.5)
		if l.Faint {
			c.A = faintAlpha
			line.Width = vg.Points(0.75)
		}
		if l.Dashed {
			line.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
		}
		if l.Steps {
			line.StepStyle = plotter.MidStep
		}
		line.Color, marks.Color = c, c
		marks.Shape, marks.Radius = draw.CircleGlyph{}, vg.Points(2.2)
		if l.Points {
			marks.Shape, marks.Radius = glyph(colour), vg.Points(2.6)
		} else {
			p.Add(line)
		}
		if l.Low != nil || l.High != nil {
			whiskers, err := l.whiskers(points, panel.LogY)
			if err != nil {
				return err
			}
			whiskers.Color, whiskers.Width, whiskers.CapWidth = c, vg.Points(1.2), vg.Points(4)
			p.Add(whiskers)
		}
		if l.Markers || l.Points {
			p.Add(marks)
		}
		switch {
		case l.Name == "":
		case l.Points:
			p.Legend.Add(l.Name+" ", marks)
		default:
			p.Legend.Add(l.Name+" ", line) // with room before the sample
		}
	}
	if panel.Lo < panel.Hi {
		p.Y.Min, p.Y.Max = min(p.Y.Min, along(panel.Lo, panel.LogY)), max(p.Y.Max, along(panel.Hi, panel.LogY))
	}
	p.Legend.Top = panel.Legend == TopRight || panel.Legend == TopLeft
	p.Legend.Left = panel.Legend == TopLeft || panel.Legend == BottomLeft
	p.Legend.Padding = vg.Points(2)
	return nil
}

// whiskers are the bars of the intervals.
func (l Line) whiskers(points plotter.XYs, logY bool) (*plotter.YErrorBars, error) {
	if len(l.Low) != len(l.Y) || len(l.High) != len(l.Y) {
		return nil, fmt.Errorf("line %q: %d values, intervals from %d to %d numbers", l.Name, len(l.Y), len(l.Low), len(l.High))
	}
	bars := make(plotter.YErrors, len(l.Y))
	for i, p := range points {
		if logY && !(l.Low[i] > 0) {
			return nil, fmt.Errorf("line %q: interval from %v on a logarithmic axis: want a positive number", l.Name, l.Low[i])
		}
		bars[i].Low, bars[i].High = p.Y-along(l.Low[i], logY), along(l.High[i], logY)-p.Y
	}
	w, err := plotter.NewYErrorBars(struct {
		plotter.XYs
		plotter.YErrors
	}{points, bars})
	if err != nil {
		return nil, fmt.Errorf("line %q: %w", l.Name, err)
	}
	return w, nil
}
