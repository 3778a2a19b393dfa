package simd

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	best, err := choose("")
	if err != nil || best < detect() {
		t.Fatalf("without a wish %v, %v", best, err)
	}
	for l := Portable; l <= AMX; l++ {
		got, err := choose(l.String())
		if l <= best && (got != l || err != nil) {
			t.Errorf("%v gives %v, %v", l, got, err)
		}
		if l > best && (got != best || err == nil || !strings.Contains(err.Error(), "only has "+best.String())) {
			t.Errorf("%v, which is not there, gives %v, %v", l, got, err)
		}
	}
	if got, err := choose("AVX2"); got != best || err == nil || !strings.Contains(err.Error(), "want portable") {
		t.Errorf("an unknown name gives %v, %v", got, err)
	}
}
