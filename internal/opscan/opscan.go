package opscan

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Ops returns the types with a Pull method that the Go files of a directory
// declare, test files left out, as "package.type" in alphabetical order: the
// form in which a tape names its operations.
func Ops(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var ops []string
	files := token.NewFileSet()
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("opscan: %w", err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if ok && f.Name.Name == "Pull" && f.Recv != nil && f.Type.Params.NumFields() == 0 {
				ops = append(ops, file.Name.Name+"."+receiver(f.Recv.List[0].Type))
			}
		}
	}
	slices.Sort(ops)
	return slices.Compact(ops), nil
}

// receiver returns the name of a receiver's type, without pointer and type
// parameters.
func receiver(t ast.Expr) string {
	for {
		switch e := t.(type) {
		case *ast.StarExpr:
			t = e.X
		case *ast.ParenExpr:
			t = e.X
		case *ast.IndexExpr:
			t = e.X
		case *ast.IndexListExpr:
			t = e.X
		case *ast.Ident:
			return e.Name
		default:
			return fmt.Sprintf("%T", t)
		}
	}
}

// Missing returns those of declared that are not among checked.
func Missing(declared, checked []string) []string {
	var missing []string
	for _, op := range declared {
		if !slices.Contains(checked, op) {
			missing = append(missing, op)
		}
	}
	return missing
}
