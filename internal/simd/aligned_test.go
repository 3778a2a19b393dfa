package simd

import (
	"testing"
	"unsafe"
)

// TestMade wants zeros that can be written from end to end, on either side of
// the length from which large pages are asked for.
func TestMade(t *testing.T) {
	for _, n := range []int{0, 1, 1000, manyPages/4 - 1, manyPages / 4, 3*manyPages + 17} {
		for name, x := range map[string][]float32{"Make": Make[float32](n), "Aligned": Aligned[float32](n), "MidPage": MidPage[float32](n)} {
			if len(x) != n {
				t.Fatalf("%s(%d) has %d elements", name, n, len(x))
			}
			if name == "Aligned" && n > 0 && uintptr(unsafe.Pointer(&x[0]))%64 != 0 {
				t.Errorf("Aligned(%d) does not begin at a cache line", n)
			}
			if name == "MidPage" && n > 0 && uintptr(unsafe.Pointer(&x[0]))%page != page/2 {
				t.Errorf("MidPage(%d) does not begin in the middle of a page", n)
			}
			for i := range x {
				if x[i] != 0 {
					t.Fatalf("%s(%d)[%d] is %v, want 0", name, n, i, x[i])
				}
				x[i] = 1
			}
		}
	}
}
