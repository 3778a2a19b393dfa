package problems

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/gradus-ml/gradus/internal/seeds"
)

// Check draws random instances of an operation, cases of them, and compares
// its results with those of the operation's independent method. The instances
// are a function of the seed. An error means that the solver refused a valid
// instance, or that the context ended.
func (o Operation) Check(ctx context.Context, seed uint64, cases int) (*Comparison, error) {
	return o.run(ctx, seed, cases, corruption{})
}

func (o Operation) run(ctx context.Context, seed uint64, cases int, change corruption) (*Comparison, error) {
	c := &Comparison{}
	var pcg rand.PCG
	rng := rand.New(&pcg)
	for i := range cases {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		seeds.Set(&pcg, seed, uint64(i))
		if err := o.verify(rng, c, change); err != nil {
			return nil, fmt.Errorf("%s: case %d: %w", o.Name, i, err)
		}
	}
	return c, nil
}

// Checked is what [Check] found about one operation.
type Checked struct {
	Topic     string  `json:"topic"`
	Operation string  `json:"op"`
	Method    string  `json:"method"`
	Cases     int     `json:"cases"`
	Error     float64 `json:"worst_error"` // |got − want|/(1 + |want|), unless the method has its own
	Tolerance float64 `json:"tolerance"`
	Field     string  `json:"field"` // where the worst error was
	Passed    bool    `json:"passed"`
	Instance  string  `json:"instance,omitempty"` // the inputs of the worst case, if it failed
	Message   string  `json:"message,omitempty"`  // why the solver refused an instance
}

// Report is the result of [Check], operation by operation.
type Report []Checked

// Passed reports whether everything is within its tolerance.
func (r Report) Passed() bool {
	return !slices.ContainsFunc(r, func(c Checked) bool { return !c.Passed })
}

// Check checks all operations of the given problems, some at the same time.
// The report is the same for the same seed.
func Check(ctx context.Context, problems []Problem, seed uint64, cases int) (Report, error) {
	type task struct {
		problem   Problem
		operation Operation
	}
	var tasks []task
	for _, p := range problems {
		for _, o := range p.Operations {
			tasks = append(tasks, task{p, o})
		}
	}
	report := make(Report, len(tasks))
	turn := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range turn {
				report[i] = tasks[i].operation.report(ctx, tasks[i].problem.Slug, seed, cases)
			}
		})
	}
	for i := range tasks {
		turn <- i
	}
	close(turn)
	workers.Wait()
	return report, ctx.Err()
}

func (o Operation) report(ctx context.Context, topic string, seed uint64, cases int) Checked {
	found := Checked{Topic: topic, Operation: o.Name, Method: o.Method, Cases: cases}
	c, err := o.Check(ctx, seed, cases)
	if err != nil {
		found.Message = err.Error()
		return found
	}
	found.Error, found.Tolerance, found.Field = c.Error, c.Tolerance, c.Field
	found.Passed = c.Worst <= 1 && c.Tolerance > 0
	if !found.Passed {
		found.Instance = c.Instance
	}
	return found
}
