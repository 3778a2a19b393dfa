package report

import (
	"math"

	"github.com/gradus-ml/gradus/losses"
)

// Forecaster is one set of probabilities in a reliability diagram.
type Forecaster struct {
	Name string
	Bins []losses.Bin
}

// Reliability is a reliability diagram: how often what is forecast with a
// probability comes true, with the intervals of the bins, above the share of
// the forecasts in each bin. Empty bins are left out.
func Reliability(title string, forecasters ...Forecaster) Figure {
	reliability := Panel{Y: "right answers (%)", Legend: TopLeft, Lo: 0, Hi: 100}
	shares := Panel{Y: "examples (%)", LogY: true, Legend: TopLeft}
	low := 100.
	for _, f := range forecasters {
		diagram, share := Line{Name: f.Name, Points: true}, Line{Name: f.Name, Points: true}
		total := 0
		for _, b := range f.Bins {
			total += b.Count
		}
		for _, b := range f.Bins {
			if b.Count == 0 {
				continue
			}
			diagram.X, diagram.Y = append(diagram.X, 100*b.MeanForecast), append(diagram.Y, 100*b.Frequency)
			diagram.Low, diagram.High = append(diagram.Low, 100*b.Interval.Low), append(diagram.High, 100*b.Interval.High)
			share.X, share.Y = append(share.X, 100*b.MeanForecast), append(share.Y, 100*float64(b.Count)/float64(total))
			low = min(low, 100*b.MeanForecast, 100*b.Interval.Low)
		}
		reliability.Lines, shares.Lines = append(reliability.Lines, diagram), append(shares.Lines, share)
	}
	reliability.Lo = 10 * math.Floor(low/10)
	ends := []float64{reliability.Lo, 100}
	reliability.Lines = append(reliability.Lines, Line{Name: "calibrated", Dashed: true, X: ends, Y: ends})
	return Figure{Title: title, X: "probability of the answer, mean of a bin (%)", Panels: []Panel{reliability, shares}}
}
