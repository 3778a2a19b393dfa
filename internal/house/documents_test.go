package house

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is the repository's root seen from this package.
const root = "../.."

// packageFolders returns the folders of the module that hold Go files, nested
// modules left out, relative to root.
func packageFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); path != root && (strings.HasPrefix(name, ".") && name != ".." || name == "testdata") {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != root {
			return filepath.SkipDir
		}
		if files, _ := filepath.Glob(filepath.Join(path, "*.go")); len(files) > 0 {
			folder, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			folders = append(folders, filepath.ToSlash(folder))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// parseFolder returns the Go files of a folder by name.
func parseFolder(t *testing.T, folder string) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	files := map[string]*ast.File{}
	names, _ := filepath.Glob(filepath.Join(root, folder, "*.go"))
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = file
	}
	return fset, files
}

// TestEveryPackageIntroducesItself asks for a doc.go with a package comment,
// and for an Example that runs, in every package that can be imported.
func TestEveryPackageIntroducesItself(t *testing.T) {
	for _, folder := range packageFolders(t) {
		_, files := parseFolder(t, folder)
		introduced, example, program := false, false, false
		for name, file := range files {
			program = program || file.Name.Name == "main"
			if filepath.Base(name) == "doc.go" || program {
				introduced = introduced || file.Doc != nil
			}
			if strings.HasSuffix(name, "_test.go") {
				for _, e := range doc.Examples(file) {
					example = example || e.Output != "" || e.EmptyOutput
				}
			}
		}
		if !introduced {
			t.Errorf("%s: no doc.go with a package comment", folder)
		}
		if !example && !program && !strings.HasPrefix(folder, "internal/") {
			t.Errorf("%s: no Example with an Output", folder)
		}
	}
}

// TestExportedNamesHaveComments asks for a doc comment on every exported
// type, function, method, constant and variable.
func TestExportedNamesHaveComments(t *testing.T) {
	for _, folder := range packageFolders(t) {
		fset, files := parseFolder(t, folder)
		for name, file := range files {
			if strings.HasSuffix(name, "_test.go") || file.Name.Name == "main" {
				continue
			}
			for _, decl := range file.Decls {
				for _, bare := range undocumented(decl) {
					t.Errorf("%s: %s has no comment", fset.Position(bare.Pos()), bare.Name)
				}
			}
		}
	}
}

// undocumented returns the exported names of a declaration that no comment
// describes.
func undocumented(decl ast.Decl) []*ast.Ident {
	var bare []*ast.Ident
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || receiverExported(d.Recv.List[0].Type)) && !satisfiesCommonInterface(d) {
			bare = append(bare, d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					bare = append(bare, s.Name)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						bare = append(bare, n)
					}
				}
			}
		}
	}
	return bare
}

func receiverExported(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiverExported(t.X)
	case *ast.IndexExpr:
		return receiverExported(t.X)
	case *ast.Ident:
		return t.IsExported()
	}
	return false
}

// satisfiesCommonInterface spares methods whose meaning is the language's own.
func satisfiesCommonInterface(d *ast.FuncDecl) bool {
	switch d.Name.Name {
	case "String", "Error", "Unwrap", "Len", "Less", "Swap", "MarshalJSON", "UnmarshalJSON":
		return d.Recv != nil
	}
	return false
}
