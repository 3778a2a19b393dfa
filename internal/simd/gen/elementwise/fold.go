package main

import (
	"math"
	"strings"

	"github.com/gradus-ml/gradus/internal/simd/gen"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes of a fold, as in package simd.
const foldLanes = 32

type masks func(i int) reg.Register

// all is the masks of whole vectors.
func all(int) reg.Register { return nil }

// folds writes all folds of the machine.
func folds(m *machine) []entry {
	w := m.wide()
	const one, two, centred = "func(a, b []%s) float64", "func(a, b []%s) float64", "func(a []%s, mean float64) float64"
	return []entry{
		m.fold(w, "dot", two, "b", func(sum, a, b vec, _ reg.Register) vec { return w.accumulate(sum, a, b) }),
		m.fold(w, "sum", one, "", func(sum, a, _ vec, _ reg.Register) vec { return w.add(sum, a) }),
		m.fold(w, "sumSquares", one, "", func(sum, a, _ vec, _ reg.Register) vec { return w.accumulate(sum, a, a) }),
		m.quarters(w, "sumSquaresQuarters", one, func(sum, a vec) vec { return w.accumulate(sum, a, a) }),
		m.fold(w, "absSum", one, "", func(sum, a, _ vec, _ reg.Register) vec { return w.add(sum, w.abs(a)) }),
		m.fold(w, "squaredDistance", two, "b", func(sum, a, b vec, _ reg.Register) vec {
			d := w.sub(a, b)
			return w.accumulate(sum, d, d)
		}),
		m.fold(w, "centredSquares", centred, "mean", func(sum, a, mean vec, inside reg.Register) vec {
			d := w.sub(a, mean)
			if inside != nil {
				d = w.keep(inside, d)
			}
			return w.accumulate(sum, d, d)
		}),
		m.largest("max", math.Inf(-1), func(x vec) vec { return x }),
		m.largest("absMax", 0, m.abs),
		m.largest("maxNegated", math.Inf(1), func(x vec) vec { return m.to(m.element.xor, m.patternOperand(1<<(m.bits-1)), x) }),
		m.expSum(w, "expSum", true),
		m.expSum(w, "sumExp", false),
		m.addRows(),
		m.expRows(w),
	}
}

// wide is the machine for float64 at the level of m.
func (m *machine) wide() *machine { return &machine{element: float64s(), avx512: m.avx512} }

// begin starts a function and returns its length and its slice a.
func (m *machine) begin(name, signature, first string) (e entry, n reg.GPVirtual, a reg.Register) {
	e = entry{field: name, function: name + m.suffix + levelName(m.avx512), bits: m.bits, avx512: m.avx512}
	build.TEXT(e.function, build.NOSPLIT, strings.ReplaceAll(signature, "%s", m.goType))
	n = build.Load(build.Param(first).Len(), build.GP64()).(reg.GPVirtual)
	return e, n, build.Load(build.Param(first).Base(), build.GP64())
}

// scalar returns a parameter in all lanes.
func (m *machine) scalar(name string) vec {
	return m.to(m.broadcast, gen.Place(build.Param(name)))
}

// zeros returns registers for sums, cleared.
func (m *machine) zeros(n int) []vec {
	out := make([]vec, n)
	for i := range out {
		out[i] = m.vec()
		m.element.xor(out[i], out[i], out[i])
	}
	return out
}

// turns calls step for so many elements at a time, and once with a tail for
// what is left.
func turns(n reg.GPVirtual, elements, size int, pointers []reg.Register, step func(tail bool)) {
	build.Label("whole")
	build.SUBQ(operand.I32(elements), n)
	build.JL(operand.LabelRef("wholeEnd"))
	step(false)
	for _, p := range pointers {
		build.ADDQ(operand.I32(elements*size), p)
	}
	build.JMP(operand.LabelRef("whole"))
	build.Label("wholeEnd")
	build.ADDQ(operand.I32(elements), n)
	build.JZ(operand.LabelRef("done"))
	step(true)
	build.Label("done")
}

// fold writes a sum over the lanes. The third operand of f is the element of b,
// or the mean, and the fourth the lanes inside, nil for all.
func (m *machine) fold(w *machine, name, signature, second string, f func(sum, a, b vec, inside reg.Register) vec) entry {
	e, n, a := m.begin(name, signature, "a")
	pointers := []reg.Register{a}
	var mean vec
	switch second {
	case "b":
		pointers = append(pointers, build.Load(build.Param("b").Base(), build.GP64()))
	case "mean":
		mean = w.scalar("mean")
	}
	w.hoistConstants(0, func() { f(w.vec(), w.vec(), w.vec(), nil) })
	sums := w.zeros(foldLanes / w.lanes())
	turns(n, foldLanes, m.size, pointers, func(tail bool) {
		load, inside := masks(all), masks(all)
		if tail {
			load = m.masks(n, w.lanes(), m.size)
			if second == "mean" {
				inside = m.masks(n, w.lanes(), w.size)
			}
		}
		for i := range sums {
			k, disp := load(i), i*w.lanes()*m.size
			x, y := m.loadWide(w, operand.Mem{Base: a, Disp: disp}, k), mean
			if second == "b" {
				y = m.loadWide(w, operand.Mem{Base: pointers[1], Disp: disp}, k)
			}
			w.assign(sums[i], f(sums[i], x, y, inside(i)))
		}
	})
	return w.finish(e, sums)
}

// quarters writes a sum over the lanes that takes the quarters of its slice in
// turn.
func (m *machine) quarters(w *machine, name, signature string, f func(sum, a vec) vec) entry {
	e, n, a := m.begin(name, signature, "a")
	build.SHRQ(operand.U8(2), n)
	pointers := []reg.Register{a}
	for range 3 {
		next := build.GP64()
		build.LEAQ(operand.Mem{Base: pointers[len(pointers)-1], Index: n, Scale: uint8(m.size)}, next)
		pointers = append(pointers, next)
	}
	w.hoistConstants(0, func() { f(w.vec(), w.vec()) })
	sums := w.zeros(foldLanes / w.lanes())
	turns(n, foldLanes, m.size, pointers, func(tail bool) {
		load := masks(all)
		if tail {
			load = m.masks(n, w.lanes(), m.size)
		}
		for i := range sums {
			k := load(i)
			for _, p := range pointers {
				w.assign(sums[i], f(sums[i], m.loadWide(w, operand.Mem{Base: p, Disp: i * w.lanes() * m.size}, k)))
			}
		}
	})
	return w.finish(e, sums)
}

// assign moves x to dst unless it is there.
func (m *machine) assign(dst, x vec) {
	if x != dst {
		m.move(x, dst)
	}
}

// loadWide reads as many elements as a vector of float64 has lanes, as float64.
func (m *machine) loadWide(w *machine, at operand.Mem, mask reg.Register) vec {
	if m.bits == 64 {
		return m.load(at, mask)
	}
	if mask == nil {
		return w.to(build.VCVTPS2PD, at)
	}
	if m.avx512 {
		half := build.YMM()
		m.moveZero(at, mask, half)
		return w.to(build.VCVTPS2PD, half)
	}
	half := build.XMM()
	m.maskMove(at, mask, half)
	return w.to(build.VCVTPS2PD, half)
}

// finish adds the lanes up, halving them until one is left, and returns it.
func (w *machine) finish(e entry, sums []vec) entry {
	for len(sums) > 1 {
		half := len(sums) / 2
		for i := range half {
			w.element.add(sums[half+i], sums[i], sums[i])
		}
		sums = sums[:half]
	}
	w.foldVector(w.element.add, sums[0])
	result(sums[0].AsX())
	return e
}

func result(x reg.Register) {
	build.VZEROUPPER()
	build.MOVSD(x, gen.Place(build.ReturnIndex(0)))
	build.RET()
}
