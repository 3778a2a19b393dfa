package main

import (
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gradus-ml/gradus/dataset/npy"
	"github.com/gradus-ml/gradus/tensor"
)

// writeNPY is the script command "npy FILE COLUMNS numbers…": it writes an
// array of float64, whose bytes no script can hold.
func writeNPY(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 3 {
		ts.Fatalf("usage: npy FILE COLUMNS numbers…")
	}
	columns, err := strconv.Atoi(args[1])
	ts.Check(err)
	x := tensor.New[float64]((len(args)-2)/columns, columns)
	for i := range x.Data {
		x.Data[i], err = strconv.ParseFloat(args[2+i], 64)
		ts.Check(err)
	}
	file, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	ts.Check(npy.Write(file, x))
}
