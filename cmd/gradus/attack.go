package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/train"
)

type attackCommand struct {
	Model     string    `arg:"" help:"A model: the folder or zip file that gradus train wrote."`
	Data      string    `default:"glyphs" help:"A name from gradus data list, a folder, or a file."`
	Split     string    `enum:"test,train" default:"test" help:"Which part: ${enum}. A single file is attacked whole."`
	Examples  int       `name:"n" default:"200" placeholder:"N" help:"Attack the first N examples."`
	Norm      string    `default:"inf" placeholder:"P" help:"Of the perturbation: inf, 2, 1 or any number from 1."`
	Radii     []float64 `placeholder:"R,…" help:"Largest norms, in the units of the data. For pictures the default depends on the norm."`
	Steps     int       `default:"20" help:"Of projected gradient descent; 1 is the fast gradient method."`
	StepSize  float64   `default:"0" placeholder:"S" help:"Length of a step at the largest radius; 0 is 2.5·radius/steps."`
	Restarts  int       `default:"1" help:"Searches from random points; 1 is one search from the example itself."`
	Momentum  float64   `default:"0" placeholder:"M" help:"Keep this part of the last direction in each step."`
	Objective string    `enum:"log-probability,margin" default:"log-probability" help:"What a step lowers: ${enum}."`
	Box       []float64 `placeholder:"LO,HI" help:"Range of valid inputs (default: 0,1 for pictures, none for tables)."`
	Certify   string    `enum:"none,ibp,crown-ibp,crown,cascade" default:"crown-ibp" help:"How the lower bound is proved, from fast to tight: ${enum}. The last two take seconds an example for convolutions."`
	Seed      uint64    `default:"1" help:"Of random points and of the noise to compare with."`
	CSV       string    `name:"csv" type:"path" placeholder:"FILE" help:"Search for the smallest radius that flips each example, and write them."`
	Plot      string    `type:"path" placeholder:"FILE" help:"Draw accuracy over the radius into FILE.svg or FILE.png."`
	Pictures  string    `type:"path" placeholder:"FILE" help:"Draw examples, perturbations and attacked examples into FILE.svg or FILE.png."`
	JSON      bool      `name:"json" help:"Print one JSON object."`
	reportFlag
}

// Help is shown by gradus attack --help.
func (attackCommand) Help() string {
	return `Robust accuracy lies between what is proved and what survives the attack.
Every attacked example is predicted anew and its norm measured; noise of the
same size is the control.

Examples:
  gradus attack digits --data mnist --plot robust.svg --pictures fooled.svg
  gradus attack digits --data mnist --norm 2 --radii 0.5,1,2 --steps 40 --restarts 5
  gradus attack digits --data mnist --csv flips.csv --json
  gradus attack digits --data mnist --report robust.html`
}

// Run attacks, certifies, and reports.
func (c *attackCommand) Run(ctx context.Context, term *terminal) error {
	model, err := openModel(c.Model)
	if err != nil {
		return err
	}
	setup, err := c.prepare(model)
	if err != nil {
		return err
	}
	source, err := c.open(term, model)
	if err != nil {
		return err
	}
	if c.Pictures != "" && !drawable(model.Input) {
		return badInputf("--pictures: examples of shape %v are no pictures", model.Input)
	}
	result, err := setup.run(ctx, term, source)
	if err != nil {
		return err
	}
	return c.report(term, result)
}

// open reads the data that is attacked.
func (c *attackCommand) open(term *terminal, model *modelfile.Model) (dataset.Source, error) {
	if len(model.Classes) == 0 {
		return nil, badInputf("%s: the model has no classes to confuse", c.Model)
	}
	source, err := openFitting(model, term, c.Data, c.Split)
	if err != nil {
		return nil, err
	}
	return dataset.First(source, c.Examples), nil
}

// attackSetup is an attack about to start.
type attackSetup struct {
	net       nn.Layer[float32] // with the model's preprocessing
	attack    attack.Attack     // in the largest ball
	radii     []float64
	method    attack.Method
	certifier *attack.Certifier[float32] // nil for none
	unproved  string                     // why there is none
	flips     bool
}

// prepare checks the flags before any work is done.
func (c *attackCommand) prepare(model *modelfile.Model) (*attackSetup, error) {
	if err := errors.Join(checkPicture("--plot", c.Plot), checkPicture("--pictures", c.Pictures), checkOutput("--csv", c.CSV), c.checkReport()); err != nil {
		return nil, err
	}
	if c.Examples < 1 {
		return nil, badInputf("--n %d: want at least 1", c.Examples)
	}
	p, err := parseNorm(c.Norm)
	if err != nil {
		return nil, err
	}
	radii, err := c.radii(p, len(model.Input) > 1)
	if err != nil {
		return nil, err
	}
	box, err := c.box(model.Input)
	if err != nil {
		return nil, err
	}
	net, err := train.Unprocessed(model)
	if err != nil {
		return nil, badInput(fmt.Errorf("%s: %w", c.Model, err))
	}
	s := &attackSetup{net: net, radii: radii, flips: c.CSV != ""}
	largest := attack.Lp(p, radii[len(radii)-1])
	if s.attack, err = c.attack(largest, box); err != nil {
		return nil, err
	}
	return s, c.certifier(s, model.Input)
}

// attack makes the attack of the flags.
func (c *attackCommand) attack(ball attack.Ball, box attack.Box) (attack.Attack, error) {
	size := c.StepSize
	if size == 0 {
		size = 2.5 * ball.Radius / float64(max(c.Steps, 1))
	}
	a := attack.PGD(ball, box, c.Steps, size)
	if c.Steps == 1 && c.StepSize == 0 && c.Restarts == 1 {
		a = attack.FGSM(ball, box)
	}
	a.Momentum, a.Restarts, a.RandomStart, a.Seed = c.Momentum, c.Restarts, c.Restarts > 1, c.Seed
	if c.Objective == "margin" {
		a.Objective = attack.Margin
	}
	return a, badInput(a.Validate())
}

// certifier chooses how the lower bound is proved. A network with a layer that
// has no rule is attacked all the same.
func (c *attackCommand) certifier(s *attackSetup, input []int) error {
	methods := map[string]attack.Method{"ibp": attack.IBP, "crown-ibp": attack.CROWNIBP, "crown": attack.CROWN, "cascade": attack.Cascade}
	method, ok := methods[c.Certify]
	if !ok {
		s.unproved = "--certify none"
		return nil
	}
	certifier, err := attack.NewCertifier(s.net, input)
	if err != nil {
		s.unproved = err.Error()
		return nil
	}
	s.certifier, s.method = certifier, method
	return nil
}

// radii returns those of --radii, or of the norm's default, in order.
func (c *attackCommand) radii(p float64, pictures bool) ([]float64, error) {
	if len(c.Radii) == 0 {
		switch {
		case !pictures:
			return nil, badInputf("--radii: the model takes rows of numbers, whose units only you know: give radii, such as 0.1,0.2")
		case math.IsInf(p, 1):
			return []float64{0.01, 0.02, 0.04, 0.06, 0.08, 0.1}, nil
		case p == 2:
			return []float64{0.25, 0.5, 0.75, 1, 1.5, 2}, nil
		case p == 1:
			return []float64{2, 4, 6, 8, 12, 16}, nil
		}
		return nil, badInputf("--radii: there are none by default for --norm %s: give some, such as 0.1,0.2", c.Norm)
	}
	for _, r := range c.Radii {
		if !(r > 0 && r <= math.MaxFloat64) {
			return nil, badInputf("--radii %v: want finite numbers above 0", r)
		}
	}
	radii := slices.Clone(c.Radii)
	slices.Sort(radii)
	return slices.Compact(radii), nil
}

func (c *attackCommand) box(shape []int) (attack.Box, error) {
	switch {
	case len(c.Box) == 2:
		box := attack.Box{Lo: c.Box[0], Hi: c.Box[1]}
		if err := box.Validate(); err != nil {
			return box, badInput(fmt.Errorf("--box: %w", err))
		}
		return box, nil
	case len(c.Box) > 0:
		return attack.Box{}, badInputf("--box: %d numbers: want two, LO,HI", len(c.Box))
	}
	return validBox(shape), nil
}

// validBox is the range of valid inputs: pictures have pixels from 0 to 1, and
// of other numbers only the user knows the range.
func validBox(shape []int) attack.Box {
	if len(shape) > 1 {
		return attack.Unit()
	}
	return attack.Everywhere()
}

// parseNorm reads --norm.
func parseNorm(text string) (float64, error) {
	p, err := strconv.ParseFloat(strings.TrimPrefix(strings.ToLower(text), "l"), 64)
	if err != nil || !(p >= 1) {
		return 0, badInputf("--norm %q: want inf, 2, 1 or another number from 1", text)
	}
	return p, nil
}

// drawable reports whether examples of a shape are pictures.
func drawable(shape []int) bool { return len(shape) == 3 && (shape[0] == 1 || shape[0] == 3) }
