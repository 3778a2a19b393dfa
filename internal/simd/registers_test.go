package simd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAVX2Registers reads the generated assembly: a function for AVX2 that needs
// more than its sixteen registers is assembled with those of AVX-512, and ends
// the program on a machine without them.
func TestAVX2Registers(t *testing.T) {
	files, err := filepath.Glob("z*_amd64.s")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	wide := regexp.MustCompile(`\b([XY](1[6-9]|2\d|3[01])|[ZK]\d+)\b`)
	functions := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range strings.Split(string(text), "\nTEXT ·")[1:] {
			name, _, _ := strings.Cut(function, "(")
			if !strings.HasSuffix(name, "AVX2") {
				continue
			}
			functions++
			if found := wide.FindString(function); found != "" {
				t.Errorf("%s: %s uses %s", file, name, found)
			}
		}
	}
	if functions == 0 {
		t.Error("no function for AVX2 was read")
	}
}
