package problems

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed *.md
var texts embed.FS

// Problem is one of the eleven: what it asks, what is true of it, and what can
// be computed, checked and asked about it.
type Problem struct {
	Number int
	Slug   string // its name, such as "norm-prox"
	Title  string

	Statement string // Markdown with TeX
	Solution  string

	Operations []Operation
	Claims     []Claim    // the printed solution, line by line
	Questions  []Question // the formulas that the problem asks for
}

// All returns the problems in their order.
func All() []Problem {
	return []Problem{
		nodeStatistics(),
		tiedDilatedFilter(),
		emaProximalSGD(),
		linearisedAttack(),
		klCrossEntropy(),
		normProx(),
		priorShift(),
		kMeans(),
		normalisedLinear(),
		optimalVarianceVAE(),
		mirrorDescent(),
	}
}

// Find returns the problem of a name or number. In names _ and - are equal.
func Find(name string) (*Problem, error) { return library(All()).find(name) }

// library is [All], made once for many requests.
type library []Problem

func (l library) find(name string) (*Problem, error) {
	name = strings.ReplaceAll(name, "_", "-")
	var slugs []string
	for i, p := range l {
		if p.Slug == name || strconv.Itoa(p.Number) == name {
			return &l[i], nil
		}
		slugs = append(slugs, p.Slug)
	}
	return nil, fmt.Errorf("no problem %q: want one of %s", name, strings.Join(slugs, ", "))
}

// Operation returns the operation of a name.
func (p *Problem) Operation(name string) (*Operation, error) {
	var names []string
	for _, o := range p.Operations {
		if o.Name == name {
			return &o, nil
		}
		names = append(names, o.Name)
	}
	return nil, fmt.Errorf("%s has no operation %q: want one of %s", p.Slug, name, strings.Join(names, ", "))
}

// describe fills in the texts of a problem, which are in SLUG.md: a title
// after #, the statement, and the solution after "## Solution".
func describeProblem(p Problem) Problem {
	text, err := texts.ReadFile(p.Slug + ".md")
	if err != nil {
		panic("problems: " + err.Error())
	}
	head, rest, _ := strings.Cut(string(text), "\n")
	statement, solution, _ := strings.Cut(rest, "\n## Solution\n")
	p.Title = strings.TrimPrefix(head, "# ")
	p.Statement, p.Solution = strings.TrimSpace(statement), strings.TrimSpace(solution)
	return p
}
