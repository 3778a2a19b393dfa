package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// machine writes vector instructions for one element at one level. Each method
// returns a fresh register; the last argument may be memory where that is said.
// Both levels get the same operations in the same order, so they give the same
// bits.
type machine struct {
	*element
	avx512 bool
	hoist  map[uint64]reg.VecVirtual // constants that are kept in registers
	dry    bool                      // only collect constants, in order
	used   []uint64

	waiting *[]func()      // where instructions go instead of being written, if not nil
	shared  map[use]vec    // constants that the runs in turn load once for all
	uses    map[uint64]int // of each constant so far, in a run
}

type (
	vec  = reg.VecVirtual
	cond = reg.Register // a mask: K register, or a vector of all-set lanes
)

// width is the size of a vector in bytes.
func (m *machine) width() int {
	if m.avx512 {
		return 64
	}
	return 32
}

func (m *machine) lanes() int { return m.width() / m.size }

func (m *machine) vec() vec {
	if m.avx512 {
		return build.ZMM()
	}
	return build.YMM()
}

func (m *machine) do(i instruction, ops ...operand.Op) {
	switch {
	case m.dry:
	case m.waiting != nil:
		*m.waiting = append(*m.waiting, func() { i(ops...) })
	default:
		i(ops...)
	}
}

// use is a constant at one of its places in a run.
type use struct {
	bits  uint64
	place int
}

// inTurn writes the instructions of so many runs of f in turn, the first of
// each, then the second: a processor looks only so far ahead for work that need
// not wait.
func (m *machine) inTurn(runs int, f func(i int)) {
	queues := make([][]func(), runs)
	m.shared = map[use]vec{}
	for i := range queues {
		m.waiting, m.uses = &queues[i], map[uint64]int{}
		f(i)
	}
	m.waiting = nil
	for left := runs; left > 0; {
		left = 0
		for i, q := range queues {
			if len(q) > 0 {
				q[0]()
				queues[i] = q[1:]
				left++
			}
		}
	}
}

// atOnce writes the instructions of f as one: inTurn puts none of another run
// between them.
func (m *machine) atOnce(f func()) {
	all := m.waiting
	if all == nil {
		f()
		return
	}
	var together []func()
	m.waiting = &together
	f()
	m.waiting = all
	*all = append(*all, func() {
		for _, i := range together {
			i()
		}
	})
}

func (m *machine) to(i instruction, ops ...operand.Op) vec {
	dst := m.vec()
	m.do(i, append(ops, dst)...)
	return dst
}

// Arithmetic; b may be memory.
func (m *machine) add(a vec, b operand.Op) vec { return m.to(m.element.add, b, a) }
func (m *machine) sub(a vec, b operand.Op) vec { return m.to(m.element.sub, b, a) }
func (m *machine) mul(a vec, b operand.Op) vec { return m.to(m.element.mul, b, a) }
func (m *machine) div(a vec, b operand.Op) vec { return m.to(m.element.div, b, a) }
func (m *machine) and(a vec, b operand.Op) vec { return m.to(m.element.and, b, a) }
func (m *machine) or(a vec, b operand.Op) vec  { return m.to(m.element.or, b, a) }
func (m *machine) sqrt(a vec) vec              { return m.to(m.element.sqrt, a) }

// atLeast and atMost hold x back; NaN stays NaN, since the processor returns
// its second operand then, and x where they are equal.
func (m *machine) atLeast(x, limit vec) vec { return m.to(m.element.max, x, limit) }
func (m *machine) atMost(x, limit vec) vec  { return m.to(m.element.min, x, limit) }

// fma returns a·b + c; b may be memory.
func (m *machine) fma(a vec, b operand.Op, c vec) vec { return m.accumulate(m.copy(c), a, b) }

// accumulate computes sum += a·b in place; b may be memory.
func (m *machine) accumulate(sum, a vec, b operand.Op) vec {
	m.do(m.fma231, b, a, sum)
	return sum
}

// decrease computes sum −= a·b in place; b may be memory.
func (m *machine) decrease(sum, a vec, b operand.Op) vec {
	m.do(m.fnma231, b, a, sum)
	return sum
}

// horner returns the value of a polynomial at x, lowest coefficient first.
func (m *machine) horner(x vec, coefficients []float64) vec {
	last := len(coefficients) - 1
	p := m.copy(m.operand(coefficients[last]))
	for i := last - 1; i >= 0; i-- {
		m.do(m.fma213, m.operand(coefficients[i]), x, p)
	}
	return p
}

// copy returns x, a register or memory, in a register that may be overwritten.
func (m *machine) copy(x operand.Op) vec { return m.to(m.move, x) }

func (m *machine) bitsOf(x float64) uint64 {
	if m.bits == 32 {
		return uint64(math.Float32bits(float32(x)))
	}
	return math.Float64bits(x)
}

// constant returns a register that holds x and must not be overwritten.
func (m *machine) constant(x float64) vec { return m.pattern(m.bitsOf(x)) }

// operand returns x as a last operand: a register, or memory where registers
// are few.
func (m *machine) operand(x float64) operand.Op { return m.patternOperand(m.bitsOf(x)) }

func (m *machine) pattern(bits uint64) vec {
	if v, ok := m.patternOperand(bits).(vec); ok {
		return v
	}
	if m.waiting == nil {
		return m.copy(m.stored(bits))
	}
	at := use{bits, m.uses[bits]}
	m.uses[bits]++
	v, ok := m.shared[at]
	if ok {
		*m.waiting = append(*m.waiting, func() {}) // in step with the run that loads it
		return v
	}
	v = m.copy(m.stored(bits))
	m.shared[at] = v
	return v
}

func (m *machine) patternOperand(bits uint64) operand.Op {
	if m.dry {
		m.used = append(m.used, bits)
		return m.vec()
	}
	if v, ok := m.hoist[bits]; ok {
		return v
	}
	if m.avx512 {
		return m.to(m.broadcast, m.stored(bits))
	}
	return m.stored(bits)
}

// store is the data section: 32 bytes for each constant.
var store = map[string]operand.Mem{}

func (m *machine) stored(bits uint64) operand.Mem {
	name := fmt.Sprintf("constant%s_%x", m.suffix, bits)
	if at, ok := store[name]; ok {
		return at
	}
	at := build.GLOBL(name, build.RODATA|build.NOPTR)
	for offset := 0; offset < 32; offset += m.size {
		if m.bits == 32 {
			build.DATA(offset, operand.U32(bits))
		} else {
			build.DATA(offset, operand.U64(bits))
		}
	}
	store[name] = at
	return at
}

// Comparisons: predicates of VCMPPS that are quiet. False for NaN, except
// notLessEqual.
const (
	less         = operand.U8(17)
	lessEqual    = operand.U8(18)
	greater      = operand.U8(30)
	notLessEqual = operand.U8(22)
	equal        = operand.U8(0)
	unordered    = operand.U8(3)
	other        = operand.U8(12)
)

// compare returns the lanes where a ∘ b; b may be memory.
func (m *machine) compare(a vec, predicate operand.U8, b operand.Op) cond {
	var dst reg.Register = build.K()
	if !m.avx512 {
		dst = build.YMM()
	}
	m.do(m.element.compare, predicate, b, a, dst)
	return dst
}

// choose returns yes where c holds and no elsewhere.
func (m *machine) choose(c cond, yes, no vec) vec {
	if m.avx512 {
		return m.to(m.blendK, yes, no, c)
	}
	return m.to(m.blendV, c, yes, no)
}

// keep returns x where c holds and 0 elsewhere.
func (m *machine) keep(c cond, x vec) vec {
	if m.avx512 {
		return m.to(m.moveZero, x, c)
	}
	return m.to(m.element.and, x, c)
}

func (m *machine) abs(x vec) vec {
	return m.and(x, m.patternOperand(1<<(m.bits-1)-1))
}

// sign returns the sign bit of x.
func (m *machine) sign(x vec) vec { return m.and(x, m.patternOperand(1<<(m.bits-1))) }

// addInt adds the bits as an integer.
func (m *machine) addInt(x vec, bits uint64) vec {
	return m.to(m.element.addInt, m.patternOperand(bits), x)
}

func (m *machine) shiftRight(x vec, n int) vec {
	return m.to(m.element.shiftRight, operand.U8(n), x)
}

func (m *machine) shiftLeft(x vec, n int) vec {
	return m.to(m.element.shiftLeft, operand.U8(n), x)
}
