package opscan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/internal/opscan"
)

func ExampleMissing() {
	fmt.Println(opscan.Missing([]string{"nn.conv", "nn.linear"}, []string{"nn.linear"}))
	// Output: [nn.conv]
}

func TestOps(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go": `package p
			type add[F any] struct{}
			func (op *add[F]) Pull() {}
			type twice[A, B any] struct{}
			func (twice[A, B]) Pull() {}
			func (add[F]) Push() {}
			func Pull() {}`,
		"b.go":      "package p\ntype plain struct{}\nfunc (*plain) Pull() {}\nfunc (add[F]) Pull(n int) {}",
		"c_test.go": "package p\nfunc (*planted) Pull() {}",
		"d.txt":     "not Go",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := opscan.Ops(dir)
	if want := []string{"p.add", "p.plain", "p.twice"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.go"), []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := opscan.Ops(dir); err == nil {
		t.Error("a file that does not parse: got no error")
	}
	if _, err := opscan.Ops(filepath.Join(dir, "absent")); err == nil {
		t.Error("a directory that does not exist: got no error")
	}
}
