package problems

import (
	"strings"
	"unicode/utf8"
)

// Plain renders Markdown with TeX for a terminal: formulas between dollars
// become Unicode as far as it goes, displayed ones stand on indented lines of
// their own, and paragraphs are filled to the given width.
func Plain(markdown string, width int) string {
	var b strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(markdown), "\n\n") {
		if i > 0 {
			b.WriteString("\n\n")
		}
		block = strings.TrimSpace(block)
		if inner, ok := strings.CutPrefix(block, "$$"); ok {
			b.WriteString("    " + Formula(strings.TrimSuffix(inner, "$$")))
			continue
		}
		parts := strings.Split(block, "$")
		for j := 1; j < len(parts); j += 2 {
			// A formula is one word, so that no line breaks inside it.
			parts[j] = strings.ReplaceAll(Formula(parts[j]), " ", "\u00a0")
		}
		b.WriteString(fill(strings.Join(parts, ""), width))
	}
	return b.String() + "\n"
}

// fill breaks a text into lines of at most width characters where it can.
func fill(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' }) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(strings.ReplaceAll(word, "\u00a0", " "))
		column += n
	}
	return b.String()
}
