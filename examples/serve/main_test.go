package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
)

// The same request is answered otherwise once the requests have shown that one
// class is far more frequent than in training; the alarm has rung by then.
func TestServe(t *testing.T) {
	net := &nn.Linear[float32]{Weight: nn.NewParam[float32](2, 2)}
	net.Weight.Value.Set(1, 0, 0)
	net.Weight.Value.Set(1, 1, 1)
	model := &modelfile.Model{Net: net, Input: []int{2}, Classes: []string{"healthy", "ill"}, Priors: []float64{0.5, 0.5}}
	folder := t.TempDir()
	if err := model.Save(folder); err != nil {
		t.Fatal(err)
	}
	handler, err := server(folder)
	if err != nil {
		t.Fatal(err)
	}
	here := httptest.NewServer(handler)
	defer here.Close()
	type answer struct {
		Class       string
		Frequencies []float64
		Alarm       bool
	}
	post := func(body string) (status int, a answer) {
		r, err := http.Post(here.URL, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if r.StatusCode == http.StatusOK {
			if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
				t.Fatal(err)
			}
		}
		return r.StatusCode, a
	}
	if _, a := post("[0, 0.5]"); a.Class != "ill" || a.Alarm {
		t.Errorf("at first: %+v", a)
	}
	for range 400 {
		post("[3, 0]")
	}
	if _, a := post("[0, 0.5]"); a.Class != "healthy" || !a.Alarm || a.Frequencies[0] < 0.8 {
		t.Errorf("after 400 that look healthy: %+v", a)
	}
	for _, bad := range []string{"", "[1]", "[1, 2, 3]", `"x"`, "{"} {
		if status, _ := post(bad); status != http.StatusBadRequest {
			t.Errorf("%q: status %d", bad, status)
		}
	}
	model.Priors = nil
	if err := model.Save(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := server(folder); err == nil {
		t.Error("a model that does not know its class frequencies is served")
	}
	if _, err := server(t.TempDir()); err == nil {
		t.Error("no model is served")
	}
}
