package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/report"
)

// reportFlag is shared by the commands that can write a report.
type reportFlag struct {
	Report string `type:"path" placeholder:"FILE" help:"Write pictures, figures and what made them into FILE.html, which needs nothing else to be read."`
}

// checkReport finds out before the work whether the report can be written.
func (f reportFlag) checkReport() error {
	if err := f.checkEnding(); err != nil {
		return err
	}
	return checkOutput("--report", f.Report)
}

func (f reportFlag) checkEnding() error {
	if ext := strings.ToLower(filepath.Ext(f.Report)); f.Report != "" && ext != ".html" && ext != ".htm" {
		return badInputf("--report %s: the name must end in .html", f.Report)
	}
	return nil
}

// saveReport writes the page, if one is asked for, with the command line and
// the program that made it.
func (f reportFlag) saveReport(term *terminal, page func() report.Page) error {
	if f.Report == "" {
		return nil
	}
	p := page()
	p.Made = append([]report.Fact{{Name: "command", Value: term.commandLine()}}, p.Made...)
	p.Made = append(p.Made, report.Fact{Name: "made by", Value: madeBy()})
	return modelfile.WriteFile(f.Report, p.Write)
}

// madeBy names the program and what it runs on.
func madeBy() string {
	return fmt.Sprintf("%s, %s, %s/%s, %v kernels on %d processors", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, simd.Active(), runtime.GOMAXPROCS(0))
}

// commandLine is what was typed, quoted for a shell.
func (t *terminal) commandLine() string {
	words := []string{"gradus"}
	for _, arg := range t.Args {
		words = append(words, shellWord(arg))
	}
	return strings.Join(words, " ")
}
