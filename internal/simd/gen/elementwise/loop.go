package main

import (
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/internal/simd/gen"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// shape says what a loop reads and writes: "d", "a" and "b" are its slices, and
// "n", which few have.
type shape struct {
	reads, writes string
	scalars       int
	heavy         bool // long enough to need no unrolling
	bound         bool // by memory: wider vectors than AVX2's do nothing for it

	// halves is whether a long loop takes the halves of its slices in turn: what
	// is read at more places at once comes from memory sooner.
	halves bool

	// stream are the slices of writes that go past the caches. They begin at
	// multiples of 32 bytes. A fence follows, or is the caller's.
	stream   string
	unfenced bool

	// fetch is a slice that is brought into the caches, 0 if none.
	fetch byte

	// hoist is how many constants of a heavy loop AVX2 has registers for, and
	// together how many vectors it has enough of them to take at a time.
	hoist, together int

	// ahead is how many bytes before it reads a place a heavy loop asks for it.
	ahead int

	// told is whether the function returns 0 if the first vectors of its body,
	// which are then only looked at, are all finite, else NaN.
	told bool
}

// operands are the vectors at one place of the slices, and the scalars.
type operands struct {
	d, a, b vec
	s       [4]vec
}

// body computes what is written and hands it to out, in the order of
// shape.writes and as soon as it can, since registers are few.
type body func(m *machine, v operands, out func(vec))

// loop writes a function over whole slices: whole vectors, then the rest under
// a mask.
func (m *machine) loop(name string, s shape, f body) entry {
	e := entry{field: name, function: functionName(name) + m.suffix + levelName(m.avx512 && !s.bound), bits: m.bits, avx512: m.avx512}
	if m.avx512 && s.bound {
		return e
	}
	used, slices := s.reads+s.writes+string(s.fetch), "dst, a, b"
	if strings.Contains(used, "n") {
		slices += ", next"
	}
	signature := fmt.Sprintf("func(%s []%[2]s, s [4]%[2]s)", slices, m.goType)
	if s.told {
		signature += " float64"
	}
	build.TEXT(e.function, build.NOSPLIT, signature)
	n := build.Load(build.Param("dst").Len(), build.GP64()).(reg.GPVirtual)
	base := map[byte]reg.Register{}
	for _, p := range []struct {
		letter byte
		param  string
	}{{'d', "dst"}, {'a', "a"}, {'b', "b"}, {'n', "next"}} {
		if strings.IndexByte(used, p.letter) >= 0 {
			base[p.letter] = build.Load(build.Param(p.param).Base(), build.GP64())
		}
	}
	var v operands
	for i := range s.scalars {
		v.s[i] = m.vec()
		m.broadcast(gen.Place(build.Param("s").Index(i)), v.s[i])
	}
	m.hoistConstants(s.hoist, func() { f(m, operands{d: m.vec(), a: m.vec(), b: m.vec(), s: v.s}, func(vec) {}) })

	at := build.GP64()
	build.XORQ(at, at)
	var sum vec
	if s.told {
		sum = m.zeros(1)[0]
	}
	step := func(at reg.Register, disp int, mask reg.Register) {
		place := func(letter byte) operand.Mem {
			return operand.Mem{Base: base[letter], Index: at, Scale: 1, Disp: disp}
		}
		if s.fetch != 0 && disp%64 == 0 {
			build.PREFETCHT0(place(s.fetch))
		}
		for i := 0; s.ahead > 0 && disp%64 == 0 && i < len(s.reads); i++ {
			build.PREFETCHT0(place(s.reads[i]).Offset(s.ahead))
		}
		in := v
		for i := range len(s.reads) {
			loaded := m.load(place(s.reads[i]), mask)
			switch s.reads[i] {
			case 'd':
				in.d = loaded
			case 'a':
				in.a = loaded
			case 'b':
				in.b = loaded
			}
		}
		looks, left := s.told, s.writes
		f(m, in, func(out vec) {
			if looks {
				m.do(m.element.or, m.sub(out, out), sum, sum) // NaN if out is not finite
				looks = false
				return
			}
			letter := left[0]
			left = left[1:]
			if strings.IndexByte(s.stream, letter) >= 0 && mask == nil {
				m.do(m.streamed, out, place(letter))
				return
			}
			m.save(out, place(letter), mask)
		})
	}
	repeat := func(label string, unroll int) {
		build.Label(label)
		build.SUBQ(operand.I32(unroll*m.lanes()), n)
		build.JL(operand.LabelRef(label + "End"))
		if s.heavy {
			m.inTurn(unroll, func(u int) { step(at, u*m.width(), nil) })
		} else {
			for u := range unroll {
				step(at, u*m.width(), nil)
			}
		}
		build.ADDQ(operand.I32(unroll*m.width()), at)
		build.JMP(operand.LabelRef(label))
		build.Label(label + "End")
		build.ADDQ(operand.I32(unroll*m.lanes()), n)
	}
	if s.halves {
		m.inHalves(n, at, func(at reg.Register) {
			for u := range line / m.width() {
				step(at, u*m.width(), nil)
			}
		})
	}
	switch {
	case !s.heavy:
		repeat("unrolled", 4)
	case s.together > 1 && !m.avx512:
		repeat("together", s.together)
	}
	repeat("single", 1)
	build.TESTQ(n, n)
	build.JZ(operand.LabelRef("done"))
	step(at, 0, m.masks(n, m.lanes(), m.size)(0))
	build.Label("done")
	if s.stream != "" && !s.unfenced {
		build.SFENCE()
	}
	if s.told {
		m.foldVector(m.element.or, sum)
		if m.bits == 32 {
			build.VCVTSS2SD(sum.AsX(), sum.AsX(), sum.AsX())
		}
		result(sum.AsX())
		return e
	}
	build.VZEROUPPER()
	build.RET()
	return e
}

// line is how many bytes of a cache come and go together, and long from how
// many elements on a slice is taken by halves.
const (
	line = 64
	long = 1 << 13
)

// inHalves takes long slices of n elements through step, which gets the place
// of a line in bytes: one of the first half and one of the second in turn. It
// leaves in n and at what the loops after it have to do.
func (m *machine) inHalves(n, at reg.GPVirtual, step func(at reg.Register)) {
	build.CMPQ(n, operand.I32(long))
	build.JL(operand.LabelRef("halved"))
	left, far := build.GP64(), build.GP64()
	build.MOVQ(n, left)
	build.SHRQ(operand.U8(1), left)
	build.ANDQ(operand.I32(-line/m.size), left)
	build.SUBQ(left, n)
	build.SUBQ(left, n)
	build.LEAQ(operand.Mem{Base: at, Index: left, Scale: uint8(m.size)}, far)
	build.Label("halves")
	step(at)
	step(far)
	build.ADDQ(operand.I32(line), at)
	build.ADDQ(operand.I32(line), far)
	build.SUBQ(operand.I32(line/m.size), left)
	build.JNZ(operand.LabelRef("halves"))
	build.MOVQ(far, at)
	build.Label("halved")
}

// hoistConstants keeps the constants of f in registers for the loop, as many
// as there is room for: the first few with AVX2.
func (m *machine) hoistConstants(few int, f func()) {
	m.hoist, m.used, m.dry = map[uint64]reg.VecVirtual{}, nil, true
	f()
	m.dry = false
	room := few
	if m.avx512 {
		room = 14
	}
	for _, bits := range m.used {
		if _, ok := m.hoist[bits]; ok || len(m.hoist) == room {
			continue
		}
		v := m.vec()
		m.broadcast(m.stored(bits), v)
		m.hoist[bits] = v
	}
}

// load reads a vector, 0 in the lanes outside mask; a nil mask is all lanes.
func (m *machine) load(at operand.Mem, mask reg.Register) vec {
	switch {
	case mask == nil:
		return m.to(m.move, at)
	case m.avx512:
		return m.to(m.moveZero, at, mask)
	}
	return m.to(m.maskMove, at, mask)
}

// save writes the lanes of x inside mask.
func (m *machine) save(x vec, at operand.Mem, mask reg.Register) {
	switch {
	case mask == nil:
		m.do(m.move, x, at)
	case m.avx512:
		m.do(m.move, x, mask, at)
	default:
		m.do(m.maskMove, x, mask, at)
	}
}

// masks returns the masks of vectors of so many lanes, of which only the first
// n elements are inside, one vector after another.
func (m *machine) masks(n reg.GPVirtual, lanes, size int) func(i int) reg.Register {
	if m.avx512 {
		ones := build.GP64()
		build.MOVQ(operand.I32(-1), ones)
		build.SHLXQ(n, ones, ones)
		build.NOTQ(ones)
		return func(i int) reg.Register {
			k := build.K()
			if i > 0 {
				build.SHRQ(operand.U8(lanes), ones)
			}
			build.KMOVW(ones.As32(), k)
			return k
		}
	}
	window, bytes := build.GP64(), build.GP64()
	build.MOVQ(n, bytes)
	build.SHLQ(operand.U8(map[int]int{4: 2, 8: 3}[size]), bytes)
	build.LEAQ(insideTable().Offset(insideBytes), window)
	build.SUBQ(bytes, window)
	return func(i int) reg.Register {
		var mask reg.Register = build.YMM()
		if lanes*size == 16 {
			mask = build.XMM()
		}
		build.VMOVUPS(operand.Mem{Base: window, Disp: i * lanes * size}, mask)
		return mask
	}
}

// insideBytes is the longest tail: 32 elements of 8 bytes.
const insideBytes = 256

var inside *operand.Mem

// insideTable is insideBytes set bytes and as many clear ones: a window that
// starts n bytes before the first clear one is a mask of n bytes.
func insideTable() operand.Mem {
	if inside == nil {
		table := build.GLOBL("elementwiseInside", build.RODATA|build.NOPTR)
		for i := range insideBytes / 4 {
			bits := operand.U64(1<<64 - 1)
			if i >= insideBytes/8 {
				bits = 0
			}
			build.DATA(8*i, bits)
		}
		inside = &table
	}
	return *inside
}
