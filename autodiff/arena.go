package autodiff

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// arena hands out slices that all die together at reset. Blocks are kept from
// step to step; a step that needed several is given one that holds them all,
// so that memory settles at what one step uses.
type arena[F tensor.Float] struct {
	blocks [][]F
	at     int   // the block in use
	next   int   // the first free element of it
	taken  int   // elements handed out since reset
	free   [][]F // released before reset, for takeReleased
	poison bool  // fill what is handed out with NaN, to expose reads of unset memory
}

// blockAlign keeps every slice on a 64-byte boundary relative to its block.
const blockAlign = 16

// minBlock is the size of the first block, in elements.
const minBlock = 1 << 12

func (a *arena[F]) reset() {
	clear(a.free[:cap(a.free)]) // or what they were cut from would stay
	if len(a.blocks) > 1 {
		clear(a.blocks)
		a.blocks = append(a.blocks[:0], simd.Make[F](a.taken))
	}
	a.at, a.next, a.taken = 0, 0, 0
	a.free = a.free[:0]
}

// take returns n elements, not zeroed.
func (a *arena[F]) take(n int) []F {
	room := (n + blockAlign - 1) / blockAlign * blockAlign
	for a.at < len(a.blocks) && a.next+room > len(a.blocks[a.at]) {
		a.at, a.next = a.at+1, 0
	}
	if a.at == len(a.blocks) {
		a.blocks = append(a.blocks, simd.Make[F](max(room, a.taken, minBlock)))
		a.next = 0
	}
	s := a.blocks[a.at][a.next : a.next+n : a.next+room]
	a.next += room
	a.taken += room
	return a.spoil(s)
}

// release gives a slice back before the step ends.
func (a *arena[F]) release(s []F) { a.free = append(a.free, s) }

// takeReleased returns n elements, not zeroed, from the smallest released
// slice that holds them without wasting half, or else from the arena.
func (a *arena[F]) takeReleased(n int) []F {
	best := -1
	for i, s := range a.free {
		if cap(s) >= n && cap(s) <= 2*n+blockAlign && (best < 0 || cap(s) < cap(a.free[best])) {
			best = i
		}
	}
	if best < 0 {
		return a.take(n)
	}
	s := a.free[best][:n]
	a.free[best] = a.free[len(a.free)-1]
	a.free = a.free[:len(a.free)-1]
	return a.spoil(s)
}

// spoil fills s with NaN if the arena is to expose reads of unset memory.
func (a *arena[F]) spoil(s []F) []F {
	if a.poison {
		for i := range s {
			s[i] = F(math.NaN())
		}
	}
	return s
}
