package npy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// header is the dictionary that a file begins with, a Python literal such as
// {'descr': '<f4', 'fortran_order': False, 'shape': (60000, 784), }.
type header struct {
	descr   string
	fortran bool
	shape   []int
}

// errUnsupportedHeader marks a literal that NumPy writes and we do not read.
type errUnsupportedHeader struct{ got, want string }

func (e errUnsupportedHeader) Error() string { return e.got + ": want " + e.want }

// literal reads a Python literal from left to right. at is where it stands.
type literal struct {
	text string
	at   int
}

func parseHeader(text string) (h header, at int, err error) {
	l := &literal{text: text}
	seen := map[string]bool{}
	err = l.list('{', '}', func() error {
		key, err := l.quoted()
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("a second %q: want each key once", key)
		}
		seen[key] = true
		if !l.take(':') {
			return l.expected("':'")
		}
		switch key {
		case "descr":
			if l.peek() == '[' {
				return errUnsupportedHeader{"an array of records", "an array of numbers"}
			}
			h.descr, err = l.quoted()
		case "fortran_order":
			h.fortran, err = l.boolean()
		case "shape":
			err = l.list('(', ')', func() error {
				n, err := l.integer()
				h.shape = append(h.shape, n)
				return err
			})
		default:
			err = fmt.Errorf("key %q: want descr, fortran_order and shape", key)
		}
		return err
	})
	if err == nil && len(seen) != 3 {
		err = errors.New("a key is missing: want descr, fortran_order and shape")
	}
	if err == nil && strings.TrimSpace(text[l.at:]) != "" {
		err = l.expected("blanks and a line feed after the dictionary")
	}
	return h, l.at, err
}

// peek returns the next byte that is not blank, 0 at the end.
func (l *literal) peek() byte {
	for l.at < len(l.text) && (l.text[l.at] == ' ' || l.text[l.at] == '\n') {
		l.at++
	}
	if l.at == len(l.text) {
		return 0
	}
	return l.text[l.at]
}

func (l *literal) take(c byte) bool {
	if l.peek() != c {
		return false
	}
	l.at++
	return true
}

func (l *literal) expected(what string) error {
	if l.peek() == 0 {
		return fmt.Errorf("the end of the header: want %s", what)
	}
	return fmt.Errorf("%q: want %s", l.text[l.at], what)
}

// list reads items between brackets, with commas between and perhaps after.
func (l *literal) list(open, end byte, item func() error) error {
	if !l.take(open) {
		return l.expected(strconv.QuoteRune(rune(open)))
	}
	for !l.take(end) {
		if err := item(); err != nil {
			return err
		}
		if !l.take(',') && l.peek() != end {
			return l.expected("',' or " + strconv.QuoteRune(rune(end)))
		}
	}
	return nil
}

func (l *literal) quoted() (string, error) {
	quote := l.peek()
	if quote != '\'' && quote != '"' {
		return "", l.expected("a quoted string")
	}
	s, _, ok := strings.Cut(l.text[l.at+1:], string(quote))
	if !ok {
		return "", errors.New("a string without end: want a closing quote")
	}
	l.at += len(s) + 2
	return s, nil
}

func (l *literal) boolean() (bool, error) {
	l.peek()
	for _, word := range []string{"True", "False"} {
		if strings.HasPrefix(l.text[l.at:], word) {
			l.at += len(word)
			return word == "True", nil
		}
	}
	return false, l.expected("True or False")
}

func (l *literal) integer() (int, error) {
	l.peek()
	end := l.at
	for end < len(l.text) && l.text[end] >= '0' && l.text[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(l.text[l.at:end])
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("dimension %s: want one that fits in memory", l.text[l.at:end])
	}
	if err != nil {
		return 0, l.expected("a dimension")
	}
	l.at = end
	l.take('L') // Python 2 wrote long integers so
	return n, nil
}
