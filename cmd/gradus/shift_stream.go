package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gradus-ml/gradus/dataset/csv"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/shift"
	"github.com/gradus-ml/gradus/tensor"
)

// shiftStream is a stream of rows under way.
type shiftStream struct {
	flags       *shiftCommand
	term        *terminal
	classes     []string // nil until the first row says how many, for logits
	train       []float64
	model       *modelfile.Model     // nil for logits
	predictor   *modelfile.Predictor // nil for logits
	calibration *losses.BiasCorrected
	tracker     *shift.Tracker

	streamCounts
	before  int // rows of earlier streams that --state remembers
	bad     int
	badText string
	history streamHistory
	saved   time.Time
}

// streamCounts are what is counted along a stream.
type streamCounts struct {
	Rows     int `json:"rows"`
	Changed  int `json:"answers_changed"`
	AlarmRow int `json:"alarm_row"` // 0 for none
}

// streamState is what --state keeps.
type streamState struct {
	Classes    []string  `json:"classes"`
	TrainPrior []float64 `json:"train_prior"`
	Prior      []float64 `json:"prior"`
	Evidence   *float64  `json:"log_evidence"` // null for none
	streamCounts
}

// stateEvery is how long a stream runs on before its state is kept again.
const stateEvery = 5 * time.Second

// stream follows rows from standard input until they end or it is interrupted.
func (c *shiftCommand) stream(ctx context.Context, term *terminal) error {
	s, err := c.openStream(ctx, term)
	if err != nil {
		return err
	}
	lines, failed := readLines(ctx, term.In)
	s.saved = time.Now()
	for line := 1; ; line++ {
		select {
		case <-ctx.Done():
			return s.end(ctx.Err())
		case text, more := <-lines:
			if err := ctx.Err(); err != nil {
				return s.end(err)
			}
			if !more {
				return s.end(<-failed)
			}
			if err := s.line(line, text); err != nil {
				return err
			}
		}
	}
}

// readLines sends the lines of r, then one error or nil.
func readLines(ctx context.Context, r io.Reader) (<-chan string, <-chan error) {
	lines, failed := make(chan string), make(chan error, 1)
	go func() {
		defer close(lines)
		scan := bufio.NewScanner(r)
		scan.Buffer(nil, 1<<26)
		for scan.Scan() {
			select {
			case lines <- scan.Text():
			case <-ctx.Done():
				return
			}
		}
		err := scan.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = badInputf("standard input: a line of more than %d bytes", 1<<26)
		}
		failed <- err
	}()
	return lines, failed
}

// openStream checks the flags and reads all but the stream.
func (c *shiftCommand) openStream(ctx context.Context, term *terminal) (*shiftStream, error) {
	for _, f := range []struct{ flag, value string }{{"--data", c.Data}, {"--labels", c.Labels}, {"--target-prior", c.TargetPrior}, {"--save", c.Save}} {
		if f.value != "" {
			return nil, badInputf("%s does not go with --stream: the rows arrive on standard input, and the frequencies are followed", f.flag)
		}
	}
	switch {
	case c.Unlabelled:
		return nil, badInputf("--unlabelled does not go with --stream, whose rows have no labels")
	case !(c.Forgetting > 0 && c.Forgetting < 1):
		return nil, badInputf("--forgetting %v: want a number between 0 and 1", c.Forgetting)
	case !(c.Alarm > 0) || math.IsInf(c.Alarm, 1):
		return nil, badInputf("--alarm %v: want a number of rows above 0", c.Alarm)
	case c.Every < 1:
		return nil, badInputf("--every %d: want at least 1", c.Every)
	case isLogitsFile(c.Model):
		return nil, badInputf("%s: with --stream logits come on standard input: want - for the model", c.Model)
	case c.Model != "-" && (c.SourceLabels != "" || c.Probabilities):
		return nil, badInputf("--source-labels and --probabilities go with logits; %s is taken as a model: want -", c.Model)
	case c.Model == "-" && (c.Source == "") != (c.SourceLabels == ""):
		return nil, badInputf("--source and --source-labels go together with logits")
	case c.TrainPrior != "" && c.Source != "":
		return nil, badInputf("--train-prior and --source: give one of them, the training frequencies are those of --source")
	}
	if err := checkOutput("--state", c.State); err != nil {
		return nil, err
	}
	s := &shiftStream{flags: c, term: term}
	var source losses.Logits
	var labels []int
	var err error
	if c.Model == "-" {
		source, labels, err = s.openLogits()
	} else {
		source, labels, err = s.openModel(ctx)
	}
	if err != nil {
		return nil, err
	}
	if c.Source != "" {
		calibrated, err := shift.Calibrate(source, labels, shiftRidge)
		if err != nil {
			return nil, badInput(fmt.Errorf("%s: %w", c.Source, err))
		}
		s.calibration, s.train = calibrated.Calibration, calibrated.Train
	}
	if s.tracker, err = shift.NewTracker(s.train, c.Forgetting, c.Alarm); err != nil {
		return nil, badInput(err)
	}
	return s, s.resume()
}

// openLogits settles classes and training frequencies for rows of logits.
func (s *shiftStream) openLogits() (source losses.Logits, labels []int, err error) {
	c := s.flags
	classes := strings.Count(c.TrainPrior, ",") + 1
	switch {
	case c.Source != "":
		if source, err = logitsFile(c.Source, c.Probabilities); err != nil {
			return source, nil, badInput(err)
		}
		if labels, err = labelsFile(c.SourceLabels, source); err != nil {
			return source, nil, badInput(err)
		}
		classes = source.Classes
	case c.TrainPrior == "":
		return source, nil, badInputf("-: the class frequencies of training are not known: give --train-prior or --source")
	case classes < 2:
		return source, nil, badInputf("--train-prior %s: want two classes or more", c.TrainPrior)
	default:
		if s.train, err = parsePrior("--train-prior", c.TrainPrior, classes); err != nil {
			return source, nil, err
		}
	}
	for k := range classes {
		s.classes = append(s.classes, strconv.Itoa(k))
	}
	return source, labels, nil
}

// openModel loads the model and its labelled source, if there is one.
func (s *shiftStream) openModel(ctx context.Context) (source losses.Logits, labels []int, err error) {
	c := s.flags
	if s.model, err = openModel(c.Model); err != nil {
		return source, nil, err
	}
	s.classes = s.model.Classes
	if len(s.classes) < 2 {
		return source, nil, badInputf("%s: a model of %d classes: want two or more", c.Model, len(s.classes))
	}
	if s.predictor, err = s.model.NewPredictor(); err != nil {
		return source, nil, badInput(err)
	}
	switch {
	case c.Source != "":
		data, err := openFor(s.model, s.term, c.Source, c.SourceSplit)
		if err != nil {
			return source, nil, err
		}
		return modelLogits(ctx, s.term, s.model, data)
	case c.TrainPrior != "":
		s.train, err = parsePrior("--train-prior", c.TrainPrior, len(s.classes))
	case len(s.model.Priors) > 0:
		s.train = s.model.Priors
	default:
		err = badInputf("%s: the class frequencies of training are not known: give --train-prior or --source", c.Model)
	}
	return source, nil, err
}

// resume takes up the state that was kept, if there is one.
func (s *shiftStream) resume() error {
	path := s.flags.State
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return badInput(err)
	}
	var kept streamState
	if err := json.Unmarshal(text, &kept); err != nil {
		return badInput(fmt.Errorf("--state %s: no state of a stream: %w", path, err))
	}
	if !slices.Equal(kept.Classes, s.classes) {
		return badInputf("--state %s: of classes %q: want %q; another file begins anew", path, kept.Classes, s.classes)
	}
	for k, p := range kept.TrainPrior {
		if math.Abs(p-s.train[k]) > 1e-6 {
			return badInputf("--state %s: of a stream whose class %s had a training frequency of %.4g: here it is %.4g; another file begins anew", path, s.classes[k], p, s.train[k])
		}
	}
	state := shift.TrackerState{Prior: kept.Prior, Evidence: math.Inf(-1)}
	if kept.Evidence != nil {
		state.Evidence = *kept.Evidence
	}
	if err := s.tracker.Restore(state); err != nil {
		return badInput(fmt.Errorf("--state %s: %w", path, err))
	}
	s.streamCounts, s.before = kept.streamCounts, kept.Rows
	return nil
}

// keep writes the state, all or nothing.
func (s *shiftStream) keep() error {
	s.saved = time.Now()
	if s.flags.State == "" {
		return nil
	}
	state := s.tracker.State()
	kept := streamState{Classes: s.classes, TrainPrior: s.train, Prior: state.Prior, streamCounts: s.streamCounts}
	if !math.IsInf(state.Evidence, -1) {
		kept.Evidence = &state.Evidence
	}
	return writeJSON(s.flags.State, kept)
}

// line takes one line of the stream. What cannot be read is told of and passed
// over; the error is one of writing.
func (s *shiftStream) line(number int, text string) error {
	if strings.TrimSpace(text) == "" || number == 1 && isHeader(text) {
		return nil
	}
	z, err := s.logits(number, text)
	var corrected []float64
	var plain int
	if err == nil {
		plain = z.Argmax()[0]
		if s.calibration != nil {
			z = s.calibration.Apply(z)
		}
		corrected, err = s.tracker.Observe(z.Probs().Row(0))
	}
	if err != nil {
		if s.bad++; s.bad == 1 {
			s.badText = err.Error()
		}
		return s.tellBad(number, err)
	}
	s.Rows++
	answer := losses.Table{Classes: len(corrected), Data: corrected}.Argmax()[0]
	if answer != plain {
		s.Changed++
	}
	s.history.add(s.Rows, s.tracker)
	if s.Rows%s.flags.Every == 0 {
		if err := s.tellRow(plain, answer, corrected); err != nil {
			return err
		}
	}
	if s.AlarmRow == 0 && s.tracker.Alarm() {
		s.AlarmRow = s.Rows
		if err := s.tellAlarm(); err != nil {
			return err
		}
	}
	if time.Since(s.saved) > stateEvery {
		return s.keep()
	}
	return nil
}

// isHeader reports whether no field of a line is a number.
func isHeader(text string) bool {
	for field := range strings.SplitSeq(text, ",") {
		if _, err := strconv.ParseFloat(strings.TrimSpace(field), 64); err == nil {
			return false
		}
	}
	return true
}

// logits are those of one line.
func (s *shiftStream) logits(number int, text string) (losses.Logits, error) {
	z := losses.Logits{Table: losses.Table{Classes: len(s.classes)}}
	table, err := csv.Read(strings.NewReader(text), "standard input", csv.Options{Comma: ',', Header: csv.NoHeader})
	var malformed *csv.Error
	if errors.As(err, &malformed) {
		malformed.Line = number
	}
	if err != nil {
		return z, err
	}
	x := table.X
	want, what := z.Classes, "logits, one for each class"
	if s.model != nil {
		want, what = tensor.Size(s.model.Input), "features of the model"
	}
	if got := x.Shape[1]; got != want || x.Shape[0] != 1 {
		return z, fmt.Errorf("standard input: line %d: %d numbers: want %d, the %s", number, got, want, what)
	}
	if s.model != nil {
		if x, err = s.predictor.Logits(tensor.From(x.Data, append([]int{1}, s.model.Input...)...)); err != nil {
			return z, err
		}
	}
	z.Data = tensor.Convert[float64](x).Data
	if s.flags.Probabilities {
		p, err := z.Normalise()
		if err != nil {
			return z, fmt.Errorf("standard input: line %d: %w", number, err)
		}
		z = p.LogProbs().Logits()
	}
	if err := z.Check(); err != nil {
		return z, fmt.Errorf("standard input: line %d: %w", number, err)
	}
	return z, nil
}
