package problems

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Question asks for a formula.
type Question struct {
	Name      string // such as "dx"
	Prompt    string
	Hints     []string // from a nudge to nearly the answer
	Variables []Variable

	// Draw returns a random instance, all numbers of Variables. size grows
	// from 1 on: instances of small sizes are small, with round numbers, so
	// that a counterexample can be followed by hand.
	Draw func(rng *rand.Rand, size int) Instance

	// Exact is what is right, computed by the packages that training uses.
	Exact func(Instance) float64

	Answers  []string // right answers in different forms; the first is shown when asked for
	Mistakes []Mistake
}

// Variable is a name that an answer may use.
type Variable struct {
	Name, Meaning string
	Rank          int // 0 for a number, 1 for a vector, 2 for a matrix
}

// example is a value of the variable's type.
func (v Variable) example() any {
	return [...]any{0.0, []float64{}, [][]float64{}}[v.Rank]
}

// Mistake is a likely wrong answer.
type Mistake struct {
	Formula string
	Name    string // what was probably done, such as "the average is not divided by n"
}

// Judgement is what became of an answer.
type Judgement struct {
	Correct        bool            `json:"correct"`
	Tried          int             `json:"tried"` // instances
	Counterexample *Counterexample `json:"counterexample,omitempty"`
	Mistake        string          `json:"mistake,omitempty"` // the likely one, if it is known
}

// Counterexample is the smallest instance found on which an answer is wrong.
type Counterexample struct {
	Instance Instance `json:"-"`
	Shown    string   `json:"instance"`
	Theirs   string   `json:"theirs"` // a number, or why there is none
	True     float64  `json:"true"`
}

// instances is how many instances an answer must be right on.
const instances = 300

// Judge tries a learner's formula on fresh random instances. An error means
// that it cannot be read.
func (q *Question) Judge(formula string, seed uint64) (*Judgement, error) {
	theirs, err := Compile(formula, q.Variables)
	if err != nil {
		return nil, err
	}
	mistakes := make([]*Expression, len(q.Mistakes))
	for i, m := range q.Mistakes {
		if mistakes[i], err = Compile(m.Formula, q.Variables); err != nil {
			return nil, fmt.Errorf("the mistake %q: %w", m.Formula, err)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	j := &Judgement{Correct: true}
	for j.Tried = range instances {
		at := q.Draw(rng, 1+j.Tried/10)
		exact := q.Exact(at)
		value, failed := theirs.Evaluate(at)
		if (failed != nil || !agree(value, exact)) && j.Counterexample == nil {
			j.Correct = false
			j.Counterexample = &Counterexample{at, show(at, q.Variables), fmt.Sprint(value), exact}
			if failed != nil {
				j.Counterexample.Theirs = failed.Error()
			}
		}
		for i, m := range mistakes {
			if m == nil {
				continue
			}
			if v, err := m.Evaluate(at); (err == nil) != (failed == nil) || err == nil && !agree(v, value) {
				mistakes[i] = nil // theirs is another formula
			}
		}
		if !j.Correct && !slices.ContainsFunc(mistakes, func(m *Expression) bool { return m != nil }) {
			break // nothing is left to find out
		}
	}
	j.Tried++
	for i, m := range mistakes {
		if m != nil && !j.Correct {
			j.Mistake = q.Mistakes[i].Name
			break
		}
	}
	return j, nil
}

// agree compares two values up to rounding.
func agree(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return a == b
	}
	return math.Abs(a-b) <= 1e-9+1e-7*math.Max(math.Abs(a), math.Abs(b))
}

// show prints an instance in the order of the variables.
func show(at Instance, variables []Variable) string {
	parts := make([]string, len(variables))
	for i, v := range variables {
		parts[i] = fmt.Sprintf("%s = %v", v.Name, at[v.Name])
	}
	return strings.Join(parts, ", ")
}

// Question returns the question of a name.
func (p *Problem) Question(name string) (*Question, error) {
	i := slices.IndexFunc(p.Questions, func(q Question) bool { return q.Name == name })
	if i < 0 {
		var names []string
		for _, q := range p.Questions {
			names = append(names, q.Name)
		}
		return nil, fmt.Errorf("%s has no question %q: want one of %s", p.Slug, name, strings.Join(names, ", "))
	}
	return &p.Questions[i], nil
}

// nice draws a number for an instance: a multiple of a half between −3 and 3
// for small sizes, any normal number for large ones.
func nice(rng *rand.Rand, size int) float64 {
	if size <= 10 {
		return float64(rng.IntN(13)-6) / 2
	}
	return rng.NormFloat64() * 2
}

// nicePositive is nice on the positive numbers.
func nicePositive(rng *rand.Rand, size int) float64 {
	if size <= 10 {
		return float64(1+rng.IntN(8)) / 2
	}
	return math.Exp(rng.NormFloat64())
}

// niceVector draws n numbers.
func niceVector(rng *rand.Rand, size, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = nice(rng, size)
	}
	return x
}
