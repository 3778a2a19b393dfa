// Command gradus trains, measures, attacks and adapts small to medium neural
// networks, and shows and checks the mathematics that does it.
//
// Run gradus --help for its commands. Exit status: 0 done, 1 failed, 2 bad
// input, 130 interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/moments"
)

// commands is the command line; each field is in the file of its name.
type commands struct {
	Tour      tourCommand      `cmd:"" help:"See everything once: the eleven problems at work, in a minute, with a report."`
	Train     trainCommand     `cmd:"" help:"Train a classifier and save it."`
	Evaluate  evaluateCommand  `cmd:"" help:"Measure a model on labelled data."`
	Predict   predictCommand   `cmd:"" help:"Classify images or rows of numbers."`
	Stats     statsCommand     `cmd:"" help:"Follow signal and gradient through a network, layer by layer: will it train?"`
	Attack    attackCommand    `cmd:"" help:"Fool a model, and prove how far it cannot be fooled."`
	Shift     shiftCommand     `cmd:"" help:"Correct a model for class frequencies that changed."`
	Cluster   clusterCommand   `cmd:"" help:"Find the centres of clusters: k-means, all at once or as a stream."`
	Vae       vaeCommand       `cmd:"" help:"Autoencoders whose decoder variance is solved for: train, sample, find anomalies."`
	Data      dataCommand      `cmd:"" help:"List, describe, export and fetch data sets."`
	Problems  problemsCommand  `cmd:"" help:"The eleven problems: statements, solutions, claims and questions."`
	Solve     solveCommand     `cmd:"" help:"Solve an instance of a problem, exactly, as JSON."`
	Check     checkCommand     `cmd:"" help:"Hold every solution against an independent method."`
	Answer    answerCommand    `cmd:"" help:"Try your own formula for what a problem asks."`
	Reproduce reproduceCommand `cmd:"" help:"Measure again what docs/RESULTS.md shows."`
	Bench     benchCommand     `cmd:"" help:"Time the named workloads on this machine."`

	Completion kongcompletion.Completion `cmd:"" help:"Print how to switch on completion in bash, zsh or fish."`
	Version    kong.VersionFlag          `help:"Print the version and leave."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	status := run(ctx, os.Args[1:], &terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(status)
}

// terminal is where a command reads and writes.
type terminal struct {
	In  io.Reader
	Out io.Writer // results
	Err io.Writer // progress and errors

	Args []string // the command line, without the program
}

// run is the whole program but for the process: it parses, runs one command
// and maps its error to an exit status.
func run(ctx context.Context, args []string, term *terminal) (status int) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case leave:
			status = int(cause)
		default:
			fmt.Fprintf(term.Err, "gradus: this is a bug in gradus: %v\n\n%s", cause, debug.Stack())
			status = exitFailure
		}
	}()
	out := &checkedWriter{Writer: term.Out}
	term = &terminal{In: term.In, Out: out, Err: term.Err, Args: args}
	var cli commands
	parser, err := kong.New(&cli,
		kong.Name("gradus"),
		kong.Description("Deep learning in Go, one verified step at a time."),
		kong.Writers(term.Out, term.Err),
		kong.Exit(func(code int) { panic(leave(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Vars{"version": version(), "schemes": strings.Join(moments.SchemeNames(), ", ")},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(term),
	)
	if err != nil {
		return exitStatus(term.Err, err)
	}
	kongcompletion.Register(parser)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return exitStatus(term.Err, badInput(parseError(err)))
	}
	if err := simd.Err(); err != nil {
		return exitStatus(term.Err, badInput(err))
	}
	if err = parsed.Run(); err == nil {
		err = out.err
	}
	return exitStatus(term.Err, err)
}

// parseError adds to an error of the command line where to read on.
func parseError(err error) error {
	command := "gradus"
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Selected() != nil {
		command = parse.Context.Selected().FullPath()
	}
	return fmt.Errorf("%w; %s --help tells more", err, command)
}

// leave is what Exit panics with after --help and --version, to unwind kong's
// parser: the status to leave with.
type leave int

// version is the module's version as the build recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return "gradus " + info.Main.Version
	}
	return "gradus (unknown version)"
}
