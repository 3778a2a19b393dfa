package nn

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// SpecError says what is wrong with a text given to [Parse], and where.
type SpecError struct {
	Spec   string
	Offset int // in bytes; len(Spec) for its end
	What   string
}

// Error gives the text, the number of the character, from 1, and what is
// wrong there.
func (e *SpecError) Error() string {
	return fmt.Sprintf("model %q, character %d: %s", e.Spec, utf8.RuneCountInString(e.Spec[:e.Offset])+1, e.What)
}

// plan is what a spec says.
type plan struct {
	spec            string
	kind            string // linear, mlp or cnn
	filters, hidden []width
	activation      string
	batchNorm       bool
	dropout         float64
}

// width is a number of outputs, and where the spec says it.
type width struct{ n, offset int }

// maxWidths bounds how many layers a spec may ask for.
const maxWidths = 1000

func (p *plan) errorf(offset int, format string, args ...any) error {
	return &SpecError{Spec: p.spec, Offset: offset, What: fmt.Sprintf(format, args...)}
}

func readSpec(spec string) (plan, error) {
	p := plan{spec: spec, activation: "relu"}
	head, options, more := strings.Cut(spec, ";")
	if err := p.readHead(head); err != nil {
		return p, err
	}
	seen := map[string]bool{}
	for offset := len(head) + 1; more; {
		var option string
		option, options, more = strings.Cut(options, ";")
		name, value, hasValue := strings.Cut(option, "=")
		if seen[name] {
			return p, p.errorf(offset, "%s stands twice", name)
		}
		seen[name] = true
		if err := p.readOption(offset, name, value, hasValue); err != nil {
			return p, err
		}
		offset += len(option) + 1
	}
	return p, nil
}

func (p *plan) readHead(head string) (err error) {
	kind, sizes, hasSizes := strings.Cut(head, ":")
	at := len(kind) + 1 // where sizes begins
	p.kind = kind
	switch kind {
	case "linear":
		if hasSizes {
			return p.errorf(len(kind), "linear has no widths")
		}
		return nil
	case "mlp", "cnn":
		if !hasSizes {
			return p.errorf(len(kind), "want a colon and widths, such as mlp:512,256, mlp:256x50 or cnn:32,64/128")
		}
	default:
		return p.errorf(0, "unknown kind %q: want linear, mlp or cnn", kind)
	}
	if kind == "mlp" {
		p.hidden, err = p.readWidths(at, sizes)
		return err
	}
	filters, hidden, hasHidden := strings.Cut(sizes, "/")
	if p.filters, err = p.readWidths(at, filters); err == nil && hasHidden {
		p.hidden, err = p.readWidths(at+len(filters)+1, hidden)
	}
	return err
}

// readWidths reads widths between commas, the first at offset: a number, or one
// that is repeated, such as 256x50.
func (p *plan) readWidths(offset int, list string) ([]width, error) {
	var widths []width
	for text := range strings.SplitSeq(list, ",") {
		number, times, repeated := strings.Cut(text, "x")
		n, ok := wholeNumber(number, maxSize-1)
		if !ok {
			return nil, p.errorf(offset, "width %q: want a whole number from 1 to %d", number, maxSize-1)
		}
		count := 1
		if repeated {
			if count, ok = wholeNumber(times, maxWidths); !ok {
				return nil, p.errorf(offset+len(number)+1, "width %d repeated %q times: want a whole number from 1 to %d, as in 256x50", n, times, maxWidths)
			}
		}
		if len(widths)+count > maxWidths {
			return nil, p.errorf(offset, "more than %d widths", maxWidths)
		}
		for range count {
			widths = append(widths, width{n, offset})
		}
		offset += len(text) + 1
	}
	return widths, nil
}

// wholeNumber reads a number from 1 to most, without a sign.
func wholeNumber(text string, most int) (n int, ok bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= most && text[0] != '+'
}

func (p *plan) readOption(offset int, name, value string, hasValue bool) error {
	switch name {
	case "act":
		if activationNamed[float32](value) == nil {
			return p.errorf(min(offset+len("act="), len(p.spec)), "activation %q: want relu, leakyrelu, gelu, silu, tanh, sigmoid or softplus", value)
		}
		p.activation = value
	case "bn":
		if hasValue {
			return p.errorf(offset+len("bn"), "bn takes no value")
		}
		p.batchNorm = true
	case "dropout":
		rate, err := strconv.ParseFloat(value, 64)
		if err != nil || !(rate >= 0 && rate < 1) {
			return p.errorf(min(offset+len("dropout="), len(p.spec)), "dropout rate %q: want a number from 0 to below 1", value)
		}
		p.dropout = rate
	default:
		return p.errorf(offset, "unknown option %q: want act=…, bn or dropout=…", name)
	}
	return nil
}
