package problems

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Formula renders a formula of TeX as one line of Unicode: Greek letters and
// operators as such, fractions with a slash, indices and powers raised and
// lowered where Unicode has the characters.
func Formula(tex string) string {
	t := &texReader{rest: tex}
	return strings.ReplaceAll(strings.Join(strings.Fields(t.list()), " "), " ⟩", "⟩")
}

// texReader reads TeX from the left.
type texReader struct{ rest string }

// list renders up to the end or a closing brace.
func (t *texReader) list() string {
	var b strings.Builder
	for t.rest != "" && t.rest[0] != '}' {
		switch t.rest[0] {
		case '^', '_':
			raised := t.rest[0] == '^'
			t.rest = t.rest[1:]
			b.WriteString(script(t.argument(), raised))
		default:
			b.WriteString(t.one())
		}
	}
	return b.String()
}

// one renders a group, a command or a character.
func (t *texReader) one() string {
	switch c := t.rest[0]; c {
	case '{':
		t.rest = t.rest[1:]
		inner := t.list()
		t.rest = strings.TrimPrefix(t.rest, "}")
		return inner
	case '\\':
		return t.command()
	case '-':
		t.rest = t.rest[1:]
		return "−"
	case '\'':
		t.rest = t.rest[1:]
		return "′"
	case '&', '~':
		t.rest = t.rest[1:]
		return " "
	}
	_, size := utf8.DecodeRuneInString(t.rest)
	s := t.rest[:size]
	t.rest = t.rest[size:]
	return s
}

// argument renders what a command or script applies to.
func (t *texReader) argument() string {
	t.rest = strings.TrimLeft(t.rest, " ")
	if t.rest == "" {
		return ""
	}
	return t.one()
}

// command renders a backslash and what belongs to it.
func (t *texReader) command() string {
	t.rest = t.rest[1:]
	n := 0
	for n < len(t.rest) && unicode.IsLetter(rune(t.rest[n])) {
		n++
	}
	if t.rest == "" {
		return ""
	}
	n = max(n, 1)
	name := t.rest[:n]
	t.rest = t.rest[n:]
	switch name {
	case "frac":
		return grouped(t.argument()) + "/" + grouped(t.argument())
	case "sqrt":
		return "√" + grouped(t.argument())
	case "mathbb", "mathrm", "mathcal", "text", "operatorname":
		return t.argument()
	case "tilde":
		return t.argument() + "\u0303"
	case "left", "right", "displaystyle":
		return ""
	}
	symbol, ok := texSymbols()[name]
	if !ok || name == "langle" {
		t.rest = strings.TrimLeft(t.rest, " ")
	}
	if ok {
		return symbol
	}
	if strings.HasPrefix(t.rest, "(") || strings.HasPrefix(t.rest, "_") || strings.HasPrefix(t.rest, "^") {
		return name
	}
	return name + " " // log, exp, min: their names are their symbols
}

// grouped puts what is more than one letter or number into brackets.
func grouped(s string) string {
	if strings.HasPrefix(s, "‖") && strings.Index(s[1:], "‖") == len(s)-1-len("‖") {
		return s
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !isScript(r) && r != '.' && r != '′' && r != '*' {
			return "(" + s + ")"
		}
	}
	return s
}

// texSymbols maps commands to characters, operators with the space around them.
func texSymbols() map[string]string {
	return map[string]string{
		"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ",
		"mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "nabla": "∇", "sum": "Σ", "infty": "∞",
		"le": " ≤ ", "ge": " ≥ ", "ne": " ≠ ", "in": " ∈ ", "leftarrow": " ← ", "to": " → ", "cdot": " · ", "dots": "…",
		"langle": "⟨", "rangle": "⟩", "|": "‖", "top": "ᵀ", ",": " ", "quad": "   ", "{": "{", "}": "}",
	}
}

// script raises or lowers s, or marks it with ^ or _ where Unicode cannot.
func script(s string, raised bool) string {
	from, to, mark := "0123456789+−()ijklmnopstuvxaehr", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₗₘₙₒₚₛₜᵤᵥₓₐₑₕᵣ", "_"
	if raised {
		from, to, mark = "0123456789+−()ntijkl*′ᵀd", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵗⁱʲᵏˡ*′ᵀᵈ", "^"
	}
	source, target := []rune(from), []rune(to)
	var b strings.Builder
	for _, r := range s {
		at := -1
		for i, f := range source {
			if f == r {
				at = i
			}
		}
		if at < 0 {
			return mark + grouped(s)
		}
		b.WriteRune(target[at])
	}
	return b.String()
}

// isScript reports whether r is a raised or lowered character.
func isScript(r rune) bool {
	return unicode.In(r, unicode.Lm, unicode.No) || strings.ContainsRune("₊₋₍₎⁺⁻⁽⁾", r)
}
