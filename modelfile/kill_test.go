package modelfile_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/modelfile"
)

// childFolder makes the test binary save two models in turn until it is
// killed.
const childFolder = "GRADUS_MODELFILE_TEST_FOLDER"

func TestMain(m *testing.M) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		os.Exit(m.Run())
	}
	for n := uint64(0); ; n++ {
		for _, name := range []string{"model", "model.zip"} {
			if err := newModel(&testing.T{}, n%2).Save(filepath.Join(folder, name)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		fmt.Println("saved")
	}
}

// TestKilledSave kills a process that saves over and over, and expects one of
// its two models, whole.
func TestKilledSave(t *testing.T) {
	folder := t.TempDir()
	models := [2]*modelfile.Model{newModel(t, 0), newModel(t, 1)}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for kill := range 10 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childFolder+"="+folder)
		cmd.Stderr = os.Stderr
		saved, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(saved).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rng.IntN(20000)) * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
		for _, name := range []string{"model", "model.zip"} {
			got, err := modelfile.Load(filepath.Join(folder, name))
			if err != nil {
				t.Fatalf("kill %d: %v", kill, err)
			}
			which := 0
			if !cmp.Equal(modelfile.Tensors(models[0].Net), modelfile.Tensors(got.Net)) {
				which = 1
			}
			sameModel(t, got, models[which])
		}
	}
	for _, name := range []string{"model", "model.zip"} {
		if err := models[0].Save(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := filepath.Glob(filepath.Join(folder, ".*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || len(hidden) != 0 {
		t.Fatalf("after a last save: %v %v, want two files in the folder and nothing beside the zip", files, hidden)
	}
}
