package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

type clusterCommand struct {
	Data        string `arg:"" default:"glyphs" help:"CSV, NPY or IDX, a folder, a name from gradus data list, or - for CSV from standard input."`
	K           int    `short:"k" default:"10" help:"Number of centres."`
	Algorithm   string `enum:"lloyd,online,mini-batch" default:"lloyd" help:"All points at once until the labels repeat, or one point or batch at a time: ${enum}."`
	Seeding     string `enum:"greedy,plus-plus" default:"greedy" help:"How the start is chosen, after k-means++: ${enum}."`
	Start       string `type:"path" placeholder:"FILE" help:"Start from these centres, CSV or NPY, as --centres wrote them; their number is K."`
	Starts      int    `default:"1" placeholder:"N" help:"Run from N starts and keep the best."`
	Updates     int    `default:"300" help:"Most updates of Lloyd's algorithm."`
	Passes      int    `default:"1" help:"Over the data, shuffled anew, for online and mini-batch."`
	Batch       int    `default:"256" help:"Points a mini-batch."`
	Stream      bool   `help:"Learn the rows of standard input as they come, holding the centres and nothing else."`
	State       string `type:"path" placeholder:"FILE" help:"Of --stream: go on from FILE if it exists, and keep it up to date, so that nothing is lost."`
	Rate        string `default:"count:0.75" help:"Of online and mini-batch: count:C is n^-C after n wins, power:A,T,P is A/(1+t/T)^P, constant:A tracks centres that move."`
	Seed        uint64 `default:"1" help:"Of the start and the order of the points."`
	Split       string `enum:"train,test" default:"train" help:"Which part of divided data: ${enum}."`
	N           int    `default:"0" placeholder:"N" help:"Only the first N points; 0 is all."`
	Label       string `placeholder:"COLUMN" help:"Column of a CSV that is no feature (default: label, class, target or y, if there is one)."`
	Image       []int  `placeholder:"H,W" help:"Rows of a table are pictures of this size."`
	Centres     string `type:"path" placeholder:"FILE" help:"Write the centres to FILE.csv or FILE.npy."`
	Assignments string `type:"path" placeholder:"FILE" help:"Write the centre of each point, from 0, to FILE.csv or FILE.npy (of floats)."`
	Pictures    string `type:"path" placeholder:"FILE" help:"Draw the centres of pictures into FILE.svg or FILE.png."`
	Plot        string `type:"path" placeholder:"FILE" help:"Run all three algorithms from one start and draw inertia over distance evaluations into FILE.svg or FILE.png."`
	JSON        bool   `name:"json" help:"Print one JSON object."`
	reportFlag
}

// Help is shown by gradus cluster --help.
func (clusterCommand) Help() string {
	return `Finds centres that minimise the sum of squared distances of the points to
their nearest centre.

Examples:
  gradus cluster mnist -k 10 --pictures centres.png --plot inertia.svg
  gradus cluster points.csv -k 3 --starts 10 --centres c.csv --assignments a.csv
  gradus cluster mnist -k 50 --algorithm online --rate count:0.75 --json
  gradus cluster mnist -k 10 --report clusters.html
  zcat rows.csv.gz | gradus cluster - -k 5 --start c.csv
  tail -f rows.csv | gradus cluster - -k 5 --stream --state c.json --centres c.csv`
}

// Run clusters the points and reports.
func (c *clusterCommand) Run(ctx context.Context, term *terminal, parsed *kong.Context) error {
	rate, err := c.check()
	if err != nil {
		return err
	}
	if err := c.checkStream(parsed); err != nil {
		return err
	}
	if c.Stream {
		return c.runStream(ctx, term, rate)
	}
	points, err := c.read(ctx, term)
	if err != nil {
		return err
	}
	if c.Pictures != "" && points.image == nil {
		return badInputf("--pictures: %s holds no pictures: --image H,W says that rows are", c.Data)
	}
	start, err := c.openStart(points)
	if err != nil {
		return err
	}
	job := &clustering{flags: c, points: points, rate: rate, given: start}
	if err := job.run(ctx, term); err != nil {
		return err
	}
	return c.report(term, job)
}

// check refuses, before anything is read, what can not be done.
func (c *clusterCommand) check() (kmeans.Rate, error) {
	for _, least := range []struct {
		flag     string
		got, min int
	}{{"-k", c.K, 1}, {"--starts", c.Starts, 1}, {"--updates", c.Updates, 0}, {"--passes", c.Passes, 1}, {"--batch", c.Batch, 1}, {"--n", c.N, 0}} {
		if least.got < least.min {
			return kmeans.Rate{}, badInputf("%s %d: want at least %d", least.flag, least.got, least.min)
		}
	}
	if c.Start != "" && c.Starts > 1 {
		return kmeans.Rate{}, badInputf("--starts: --start gives the only start")
	}
	if len(c.Image) != 0 && (len(c.Image) != 2 || min(c.Image[0], c.Image[1]) < 1) {
		return kmeans.Rate{}, badInputf("--image: want a height and a width, as 28,28")
	}
	for _, out := range []struct{ flag, path string }{{"--centres", c.Centres}, {"--assignments", c.Assignments}} {
		if out.path != "" && ending(out.path) != ".csv" && ending(out.path) != ".npy" {
			return kmeans.Rate{}, badInputf("%s %s: the name must end in .csv or .npy", out.flag, out.path)
		}
		if err := checkOutput(out.flag, out.path); err != nil {
			return kmeans.Rate{}, err
		}
	}
	for _, out := range []struct{ flag, path string }{{"--pictures", c.Pictures}, {"--plot", c.Plot}} {
		if err := checkPicture(out.flag, out.path); err != nil {
			return kmeans.Rate{}, err
		}
	}
	if err := c.checkReport(); err != nil {
		return kmeans.Rate{}, err
	}
	return parseRate(c.Rate)
}

// parseRate reads count:C, power:A,T,P or constant:A.
func parseRate(text string) (kmeans.Rate, error) {
	kind, rest, _ := strings.Cut(text, ":")
	var v []float64
	for field := range strings.SplitSeq(rest, ",") {
		x, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return kmeans.Rate{}, badInputf("--rate %s: %q is not a number: want count:C, power:A,T,P or constant:A", text, field)
		}
		v = append(v, x)
	}
	var rate kmeans.Rate
	switch {
	case kind == "count" && len(v) == 1:
		rate = kmeans.CountPower(v[0])
	case kind == "power" && len(v) == 3:
		rate = kmeans.Power(v[0], v[1], v[2])
	case kind == "constant" && len(v) == 1:
		rate = kmeans.ConstantRate(v[0])
	default:
		return rate, badInputf("--rate %s: want count:C, power:A,T,P or constant:A", text)
	}
	err := rate.Validate()
	if err == nil && kind != "constant" { // a constant rate is asked for by its name
		err = rate.RobbinsMonro()
	}
	if err != nil {
		return rate, badInput(fmt.Errorf("--rate %s: %w", text, err))
	}
	return rate, nil
}

// openStart reads the centres to start from, nil if none are given.
func (c *clusterCommand) openStart(p *points) (*tensor.Tensor[float32], error) {
	if c.Start == "" {
		if n := p.x.Shape[0]; c.K > n {
			return nil, badInputf("-k %d: %s has only %d points", c.K, c.Data, n)
		}
		return nil, nil
	}
	start, err := readPoints(c.Start, nil, []string{""})
	if err != nil {
		return nil, badInput(err)
	}
	if got, want := start.x.Shape[1], p.x.Shape[1]; got != want {
		return nil, badInputf("%s: centres of %d features: the points have %d", c.Start, got, want)
	}
	c.K = start.x.Shape[0]
	return start.x, nil
}
