package house

import (
	"bytes"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maxLines is where a file has stopped to have one subject.
const maxLines = 500

// packageVariables lists the only variables that packages may have, by folder,
// with the reason. Compile-time assertions (var _ T = …) and errors made by
// errors.New are values, not state, and need no line.
var packageVariables = map[string]string{
	"internal/simd":     "the level and the kernels it selects, chosen once at start and never changed",
	"internal/parallel": "the idle workers, shared by everything that runs in parallel",
	"tensor":            "recycled packing buffers, which carry nothing from one call to the next",
}

func TestFilesStaySmall(t *testing.T) {
	for _, folder := range packageFolders(t) {
		names, _ := filepath.Glob(filepath.Join(root, folder, "*.go"))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			generated := strings.HasPrefix(filepath.Base(name), "z")
			if lines := bytes.Count(text, []byte{'\n'}); lines > maxLines && !generated {
				t.Errorf("%s has %d lines, more than %d: it holds more than one subject", name, lines, maxLines)
			}
			if generated && !bytes.Contains(text[:min(len(text), 400)], []byte("generated")) {
				t.Errorf("%s is named as a generated file but its head does not name a generator", name)
			}
		}
	}
}

func TestNoHiddenState(t *testing.T) {
	for _, folder := range packageFolders(t) {
		fset, files := parseFolder(t, folder)
		for name, file := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, decl := range file.Decls {
				switch d := decl.(type) {
				case *ast.FuncDecl:
					if d.Recv == nil && d.Name.Name == "init" {
						t.Errorf("%s: init: do the work where it is asked for", fset.Position(d.Pos()))
					}
				case *ast.GenDecl:
					if d.Tok == token.VAR && packageVariables[folder] == "" {
						for _, spec := range d.Specs {
							if v := spec.(*ast.ValueSpec); !isFixedValue(v) {
								t.Errorf("%s: package variable %s: pass it, or list its folder with a reason", fset.Position(v.Pos()), v.Names[0].Name)
							}
						}
					}
				}
			}
		}
	}
}

// isFixedValue recognises assertions, embedded files and error values.
func isFixedValue(v *ast.ValueSpec) bool {
	if v.Names[0].Name == "_" {
		return true
	}
	if len(v.Values) == 0 {
		return embedded(v)
	}
	call, ok := v.Values[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	return ok && fun.Sel.Name == "New" && isIdent(fun.X, "errors")
}

func embedded(v *ast.ValueSpec) bool {
	sel, ok := v.Type.(*ast.SelectorExpr)
	return ok && isIdent(sel.X, "embed")
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}
