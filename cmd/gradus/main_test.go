package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The sessions in testdata/script run this test binary as the command gradus.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gradus": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"status": wantStatus, "npy": writeNPY},
	})
}
