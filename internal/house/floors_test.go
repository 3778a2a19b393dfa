package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/gradus-ml/gradus"

// floors lists the packages from the ground up. A package imports only from
// lines before its own. Each line says why it stands where it does.
var floors = []struct{ packages, why string }{
	{"internal/parallel internal/domain internal/formula", "goroutines, the codes of domain errors, and what people type as formulas: none knows anything else"},
	{"internal/seeds internal/warp", "random streams and bent coordinates, for the pictures of dataset and dataset/glyphs"},
	{"internal/opscan", "reads Go source, for tests"},
	{"internal/simd", "inner loops over slices, split over processors"},
	{"tensor", "shapes over the inner loops"},
	{"autodiff prox dataset/*", "each needs arrays and nothing else; formats sit below dataset so that Open can know them all without a registry"},
	{"nn losses", "layers and losses are operations on a tape"},
	{"optim moments prune", "each walks the parameters of nn"},
	{"attack shift kmeans vae binarynet dataset", "the methods at work: each joins layers, losses and exact steps"},
	{"modelfile report", "files and pictures of what the methods make"},
	{"train", "the loop needs a model, its file, data and a step"},
	{"problems bench reproduce", "they run everything below"},
	{"lab tour", "show the problems at work"},
	{"cmd/* examples/* .", "programs, and the package map with its example"},
}

// floorOf returns the line of a package's path relative to the module.
func floorOf(pkg string) (int, bool) {
	for i, floor := range floors {
		for _, pattern := range strings.Fields(floor.packages) {
			if ok, _ := path.Match(pattern, pkg); ok {
				return i, true
			}
		}
	}
	return 0, false
}

type listed struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func relative(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

func TestFloors(t *testing.T) {
	for _, p := range listPackages(t) {
		name := relative(p.ImportPath)
		if name == "internal/house" {
			continue
		}
		floor, ok := floorOf(name)
		if !ok {
			t.Errorf("%s stands on no floor: give it a line in floors, with the reason", name)
			continue
		}
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, module) {
				continue
			}
			below, ok := floorOf(relative(imported))
			if ok && below >= floor {
				t.Errorf("%s imports %s, which is not on a lower floor (%s: %s)", name, relative(imported), floors[floor].packages, floors[floor].why)
			}
		}
	}
}
