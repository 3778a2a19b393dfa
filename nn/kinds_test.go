package nn_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/nn"
)

// TestKindsAreComplete reads the package's source for types with a Forward
// method: each must be in Kinds, or a file could not be read back.
func TestKindsAreComplete(t *testing.T) {
	var kinds []string
	for _, l := range nn.Kinds[float32]() {
		kinds = append(kinds, nn.KindOf(l))
	}
	found := 0
	for _, name := range layerTypes(t) {
		found++
		if !slices.Contains(kinds, strings.ToLower(name)) {
			t.Errorf("%s has a Forward method but is not in Kinds", name)
		}
	}
	if found != len(kinds) {
		t.Errorf("the source has %d layers, Kinds has %d", found, len(kinds))
	}
}

// layerTypes lists the types that declare a method Forward.
func layerTypes(t *testing.T) []string {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Name.Name != "Forward" || f.Recv == nil {
				continue
			}
			receiver := f.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			types = append(types, receiver.(*ast.IndexExpr).X.(*ast.Ident).Name)
		}
	}
	return types
}
