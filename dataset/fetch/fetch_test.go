package fetch_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/dataset/fetch"
)

var content = bytes.Repeat([]byte("0123456789"), 20000)

// server answers at a path of each kind of misbehaviour.
func server(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("/good/", func(w http.ResponseWriter, _ *http.Request) { w.Write(content) })
	mux.HandleFunc("/short/", func(w http.ResponseWriter, _ *http.Request) { w.Write(content[:100]) })
	mux.HandleFunc("/cut/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		w.Write(content[:100])
	})
	mux.HandleFunc("/endless/", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(content); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/wrong/", func(w http.ResponseWriter, _ *http.Request) {
		w.Write(bytes.Repeat([]byte("x"), len(content)))
	})
	mux.HandleFunc("/loop/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) })
	mux.HandleFunc("/moved/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/good/f", http.StatusFound) })
	mux.HandleFunc("/silent/", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/stall/", func(w http.ResponseWriter, r *http.Request) {
		w.Write(content[:100])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/slow/", func(w http.ResponseWriter, _ *http.Request) {
		for part := range 8 { // longer in all than a stall, never silent for as long
			w.Write(content[part*len(content)/8 : (part+1)*len(content)/8])
			w.(http.Flusher).Flush()
			time.Sleep(150 * time.Millisecond)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func set(url string, mirrors ...string) fetch.Set {
	sum := sha256.Sum256(content)
	s := fetch.Set{Name: "test", Files: []fetch.File{{Name: "f", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}}}
	for _, m := range mirrors {
		s.Mirrors = append(s.Mirrors, url+"/"+m+"/")
	}
	return s
}

// client gives up at once where the mirror is one that goes silent, and is
// patient with a machine that is merely busy elsewhere.
func client(mirror string) *fetch.Client {
	c := fetch.Default()
	c.Rounds = 1
	switch mirror {
	case "silent", "stall":
		c.Stall = 300 * time.Millisecond
	case "slow":
		c.Stall = time.Second
	}
	return c
}

// only fails the test if dir holds anything else than the names.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(append([]string{}, names...), got); diff != "" {
		t.Error(diff)
	}
}

func TestMisbehaviour(t *testing.T) {
	url := server(t)
	for mirror, want := range map[string]string{
		"missing": "404",
		"short":   "got 100 bytes: want 200000",
		"cut":     "unexpected EOF",
		"endless": "more than 200000 bytes",
		"wrong":   "SHA-256",
		"loop":    "more than 5 redirects",
		"silent":  "nothing for 300ms",
		"stall":   "nothing for 300ms",
	} {
		t.Run(mirror, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := client(mirror)
			err := c.Fetch(context.Background(), set(url, mirror), dir)
			var e *fetch.Error
			if !errors.As(err, &e) || e.File != "f" || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), url) {
				t.Errorf("got %v: want %q", err, want)
			}
			only(t, dir)

			// The next mirror makes up for it, and the old file makes no difference.
			if err := os.WriteFile(filepath.Join(dir, "f"), []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			c.Rounds = 5 // should the machine be busy for a stall
			if err := c.Fetch(context.Background(), set(url, mirror, "good"), dir); err != nil {
				t.Error(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, "f"))
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			only(t, dir, "f")
		})
	}
}

func TestGoodMirrors(t *testing.T) {
	url := server(t)
	for _, mirror := range []string{"good", "slow", "moved"} {
		dir := filepath.Join(t.TempDir(), "new", "folder")
		var last fetch.Progress
		c := client(mirror)
		c.Progress = func(p fetch.Progress) { last = p }
		s := set(url, mirror)
		s.Classes = []string{"a", "b"}
		if err := c.Fetch(context.Background(), s, dir); err != nil {
			t.Errorf("%s: %v", mirror, err)
		}
		if want := (fetch.Progress{File: "f", Done: 200000, Total: 200000}); last != want {
			t.Errorf("%s: last progress %+v", mirror, last)
		}
		only(t, dir, "classes.txt", "f")

		// What is there and right is not asked for again.
		s.Mirrors = []string{url + "/missing/"}
		if err := c.Fetch(context.Background(), s, dir); err != nil {
			t.Errorf("%s: again: %v", mirror, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	url := server(t)
	dir := t.TempDir()
	old := []byte("what was there before")
	if err := os.WriteFile(filepath.Join(dir, "f"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := client("good")
	c.Progress = func(fetch.Progress) { cancel() }
	if err := c.Fetch(ctx, set(url, "stall", "good"), dir); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "f")); err != nil || !bytes.Equal(got, old) {
		t.Errorf("got %q, %v", got, err)
	}
	only(t, dir, "f")
}

func TestRefused(t *testing.T) {
	good := set("http://localhost", "good")
	outside := good
	outside.Files = []fetch.File{{Name: "../f"}}
	for name, test := range map[string]struct {
		c *fetch.Client
		s fetch.Set
	}{
		"no time":    {&fetch.Client{HTTP: &http.Client{}, Rounds: 1}, good},
		"no mirrors": {client("good"), fetch.Set{Name: "x"}},
		"outside":    {client("good"), outside},
	} {
		if err := test.c.Fetch(context.Background(), test.s, t.TempDir()); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

func TestSets(t *testing.T) {
	sum := regexp.MustCompile(`^[0-9a-f]{64}$`)
	for _, s := range fetch.Sets() {
		if len(s.Files) != 4 || len(s.Mirrors) < 2 || s.Description == "" {
			t.Errorf("%s: %d files, %d mirrors", s.Name, len(s.Files), len(s.Mirrors))
		}
		for _, m := range s.Mirrors {
			if !strings.HasSuffix(m, "/") {
				t.Errorf("%s: want a slash at the end", m)
			}
		}
		for _, f := range s.Files {
			if !sum.MatchString(f.SHA256) || f.Size < 1000 {
				t.Errorf("%s: %+v", s.Name, f)
			}
		}
		if found, err := fetch.Find(s.Name); err != nil || found.Name != s.Name {
			t.Errorf("find %s: %v", s.Name, err)
		}
	}
	if _, err := fetch.Find("imagenet"); err == nil || !strings.Contains(err.Error(), "fashion-mnist") {
		t.Errorf("got %v: want the names that there are", err)
	}
	dir, err := fetch.Folder("mnist")
	if err != nil || !strings.HasSuffix(dir, filepath.Join("gradus", "mnist")) {
		t.Errorf("got %s, %v", dir, err)
	}
}
