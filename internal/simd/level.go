package simd

import (
	"fmt"
	"os"
)

// Level is an instruction set that kernels are written for.
type Level int

// The levels, from the one that runs everywhere upwards.
const (
	Portable Level = iota
	AVX2           // AVX2 with FMA
	AVX512         // AVX-512 F, BW, DQ and VL
	AMX            // AVX-512, and products of tiles of bfloat16
)

// String returns the name that GRADUS_SIMD takes.
func (l Level) String() string { return [...]string{"portable", "avx2", "avx512", "amx"}[l] }

// Active is the level that kernels run at. It is chosen once, when the program
// starts: the processor's best, or what GRADUS_SIMD asks for.
func Active() Level { return chosen }

var chosen, activeErr = choose(os.Getenv("GRADUS_SIMD"))

// active is the level of the kernels that work on vectors.
var active = min(chosen, AVX512)

// Err says what is wrong with GRADUS_SIMD, if anything is: an unknown name, or
// a level that this processor lacks. The kernels then run at the best level.
func Err() error { return activeErr }

func choose(name string) (Level, error) {
	best := detect()
	for l := Portable; l <= best; l++ {
		if l.String() == name {
			return l, nil
		}
	}
	if best == AVX512 && hasTiles() {
		best = AMX
	}
	switch name {
	case "", best.String():
		return best, nil
	case AVX2.String(), AVX512.String(), AMX.String():
		return best, fmt.Errorf("GRADUS_SIMD=%s: this processor only has %s", name, best)
	}
	return best, fmt.Errorf("GRADUS_SIMD=%s: want portable, avx2, avx512 or amx", name)
}
