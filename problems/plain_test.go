package problems

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFormula(t *testing.T) {
	for tex, want := range map[string]string{
		`\theta^{t+1} = \frac{\theta^t - \varepsilon' s_t}{1 + \varepsilon' \lambda}`: "θᵗ⁺¹ = (θᵗ − ε′ sₜ)/(1 + ε′ λ)",
		`\langle g, x \rangle \le \|g\| \cdot \|x\|`:                                  "⟨g, x⟩ ≤ ‖g‖ · ‖x‖",
		`\log p^*(y|x)`:                 "log p*(y|x)",
		`\log(1 + r/s)`:                 "log(1 + r/s)",
		`\frac{a}{\|a\|}`:               "a/‖a‖",
		`\sum_{i=1}^n w_{ij} x_{N-2}`:   "Σ_(i=1)ⁿ wᵢⱼ x_(N−2)",
		`\sqrt{\|w\|^2 + \delta^2}`:     "√(‖w‖² + δ²)",
		`\mathbb{E}_{q(z|x)} \tilde{x}`: "E_(q(z|x)) x̃",
		``:                              "",
		`\`:                             "",
		`{{a`:                           "a",
	} {
		if got := Formula(tex); got != want {
			t.Errorf("%s gives %s, want %s", tex, got, want)
		}
	}
}

// TestTextsAreRendered holds the texts of all problems to lines of the width
// asked for and to no left-over TeX.
func TestTextsAreRendered(t *testing.T) {
	for _, p := range All() {
		if p.Title == "" || p.Statement == "" || p.Solution == "" {
			t.Errorf("%s lacks a text", p.Slug)
		}
		text := Plain(p.Statement+"\n\n"+p.Solution, 80)
		if i := strings.IndexAny(text, `\$`); i >= 0 {
			t.Errorf("%s: TeX is left at %.40q", p.Slug, text[i:])
		}
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(line); n > 90 && !strings.HasPrefix(line, "    ") {
				t.Errorf("%s: a line of %d characters: %s", p.Slug, n, line)
			}
		}
	}
}

func FuzzFormula(f *testing.F) {
	f.Add(`\frac{a}{b}^{c_{d}}`)
	f.Add(`}\frac`)
	f.Fuzz(func(t *testing.T, tex string) { Formula(tex) })
}
