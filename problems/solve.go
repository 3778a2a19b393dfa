package problems

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Solve runs an operation of a problem, both named, on a JSON object of
// inputs, and returns a JSON object of results.
func Solve(topic, operation string, inputs []byte) ([]byte, error) {
	return library(All()).solve(topic, operation, inputs)
}

func (l library) solve(topic, operation string, inputs []byte) ([]byte, error) {
	p, err := l.find(topic)
	if err != nil {
		return nil, domain.Errorf(BadInput, "%v", err)
	}
	o, err := p.Operation(operation)
	if err != nil {
		return nil, domain.Errorf(BadInput, "%v", err)
	}
	return o.Solve(inputs)
}

// Code returns the code of an error of [Solve]: one of those of the packages
// that solve, such as "invalid_parameter", or [BadInput]. Errors without a code
// of their own, such as that of an iteration that overflows, are
// "invalid_parameter" too.
func Code(err error) string {
	if e := new(domain.Error); errors.As(err, &e) {
		return e.Code
	}
	return domain.InvalidParameter
}

// ErrorJSON returns {"error": code, "message": text}.
func ErrorJSON(err error) []byte {
	b := append([]byte(`{"error":`), strconv.Quote(Code(err))...)
	b = append(b, `,"message":`...)
	message, _ := json.Marshal(err.Error()) // a string always marshals
	return append(append(b, message...), '}')
}

// Batch answers JSON lines of {"topic", "op", "inputs"}, one line each, in
// order, each before the next is read. A line that is wrong is answered by an
// error line. Batch itself fails only where reading or writing does.
func Batch(w io.Writer, r io.Reader) error {
	lines, all := bufio.NewReader(r), library(All())
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if len(line) > 0 && !(err == io.EOF && blank(line)) {
			if _, err := w.Write(append(all.solveLine(line), '\n')); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

func blank(line []byte) bool {
	for _, b := range line {
		if b != ' ' && b != '\t' && b != '\r' {
			return false
		}
	}
	return true
}

func (l library) solveLine(line []byte) []byte {
	var request struct {
		Topic, Op string
		Inputs    json.RawMessage
	}
	if err := json.Unmarshal(line, &request); err != nil {
		return ErrorJSON(domain.Errorf(BadInput, "malformed line: %v: want {\"topic\": …, \"op\": …, \"inputs\": {…}}", err))
	}
	result, err := l.solve(request.Topic, request.Op, request.Inputs)
	if err != nil {
		return ErrorJSON(err)
	}
	return result
}
