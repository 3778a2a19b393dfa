package autodiff

import (
	"math"
	"slices"
)

// line is a function of one variable: at(h) returns its change φ(h) − φ(0) and
// the step as it was realised in the inputs' precision.
type line struct {
	at    func(h float64) (change, realised float64)
	noise float64 // rounding error of φ
	eps   float64 // machine epsilon of the inputs
	rungs int     // how far the ladder of steps may go down
}

// newLine bounds the ladder by where rounding drowns any difference: half of
// the digits.
func newLine(at func(float64) (float64, float64), noise, eps float64) line {
	return line{at, noise, eps, int(-math.Log2(eps) / 2)}
}

// rung is what two evaluations of a line on either side of 0 tell.
type rung struct {
	step        float64
	left, right float64 // one-sided slopes
	fog         float64 // bound on their rounding error
	remainder   float64 // |φ(±h) − φ(0) ∓ h·g|, the larger, for the analytic slope g
}

// jump is the change of slope across 0. It falls like the step where φ is
// smooth and stays where φ has a kink.
func (r rung) jump() float64 { return math.Abs(r.right - r.left) }

// holds reports whether g lies between the one-sided slopes, up to rounding.
func (r rung) holds(g float64) bool {
	return g >= min(r.left, r.right)-r.fog && g <= max(r.left, r.right)+r.fog
}

// target is what a line's derivative is held against.
type target struct {
	slope            float64 // the analytic derivative; NaN if there is none to agree with
	relative, coarse float64 // the Checker's Tolerance and Coarse, relative to size
	size             float64 // of the derivative and its like
	floor            float64 // the smallest error that rounding lets resolve
}

// tolerance returns an absolute error for a relative one. Where φ is flat, its
// derivative counts as small or not by how steep φ is close by, on the left and
// on the right.
func (want target) tolerance(relative, left, right float64) float64 {
	left, right = math.Abs(left), math.Abs(right)
	steep := min(left, right)
	if relative*want.size < want.floor {
		steep = max(left, right)
	}
	return max(relative*max(want.size, steep), want.floor)
}

// reading is the derivative of a line at 0 and all that decides about it.
type reading struct {
	numeric, err, step float64
	tolerance, coarse  float64 // absolute
	rungs              []rung  // from the largest step down; only finite ones
	moved              bool    // φ changed at some step
}

// read climbs down a ladder of halved steps from h, extrapolates the central
// differences to step 0 (Richardson; Ridders 1982, "Accurate computation of
// F′(x) and F′(x)F″(x)"), and keeps the extrapolate with the smallest
// estimated error. It stops early once that agrees with the analytic slope and
// nothing looks like a kink, unless toTheEnd.
func (l line) read(h float64, want target, toTheEnd bool) reading {
	best := reading{numeric: math.NaN(), err: math.Inf(1)}
	best.tolerance, best.coarse = want.tolerance(want.relative, 0, 0), want.tolerance(want.coarse, 0, 0)
	g := want.slope
	const columns = 6
	var row, last [columns]float64
	have := 0 // valid columns in last
	// A function that is finite only close by, such as log near 0, may need
	// many steps before the first finite one; these do not count.
	for lost := 0; len(best.rungs) < l.rungs && lost < 60; h /= 2 {
		up, hUp := l.at(h)
		down, hDown := l.at(-h)
		hDown = -hDown
		if !(hUp > 0 && hDown > 0) {
			break // the step is below the spacing of the inputs
		}
		if notFinite(up) || notFinite(down) {
			have = 0
			lost++
			continue
		}
		r := rung{step: h, left: -down / hDown, right: up / hUp}
		r.fog = (2*l.noise + l.eps*(math.Abs(up)+math.Abs(down))) / h
		r.remainder = max(math.Abs(up-hUp*g), math.Abs(down+hDown*g))
		if len(best.rungs) == 0 {
			best.tolerance = want.tolerance(want.relative, r.left, r.right)
			best.coarse = want.tolerance(want.coarse, r.left, r.right)
		}
		best.rungs = append(best.rungs, r)
		best.moved = best.moved || up != 0 || down != 0

		row[0] = (up - down) / (hUp + hDown)
		n := min(have+1, columns)
		for j, power := 1, 4.0; j < n; j, power = j+1, power*4 {
			row[j] = (power*row[j-1] - last[j-1]) / (power - 1)
			err := max(math.Abs(row[j]-row[j-1]), math.Abs(row[j]-last[j-1])) + r.fog
			if err < best.err {
				best.numeric, best.err, best.step = row[j], err, h
			}
		}
		last, have = row, n
		sharp := best.err <= best.tolerance/1000 || best.err <= min(best.tolerance/16, 3*r.fog)
		if !toTheEnd && sharp && !(math.Abs(best.numeric-g) > best.tolerance) && !best.suspicious() {
			break
		}
	}
	return best
}

// suspicious reports whether the jump of slope, if it can be seen, has not
// fallen over the last steps.
func (r *reading) suspicious() bool {
	n := len(r.rungs)
	if n < 3 {
		return true
	}
	a, b, c := r.rungs[n-3].jump(), r.rungs[n-2].jump(), r.rungs[n-1].jump()
	return c > r.tolerance+4*r.rungs[n-1].fog && (c > 0.75*b || b > 0.75*a)
}

// kink returns the rung of the smallest step at which the jump of slope has
// stayed the same over three rungs and stands out of the rounding error, and
// whether the kink is at 0 itself as far as rounding lets see, rather than
// close by.
func (r *reading) kink() (k rung, found, here bool) {
	const flat = 0.75 // a smooth function's jump halves
	for n := len(r.rungs) - 1; n >= 2; n-- {
		a, b, c := r.rungs[n-2].jump(), r.rungs[n-1].jump(), r.rungs[n].jump()
		if c > 16*r.rungs[n].fog && c > flat*b && b > flat*a && c < b/flat && b < a/flat {
			k, here = r.rungs[n], n == len(r.rungs)-1 || r.rungs[n+1].fog > c/32
			k.fog += math.Abs(c - a) // the slopes are known no better than their jump
			return k, true, here
		}
	}
	return rung{}, false, false
}

// order returns the power of the step with which the remainder falls, over the
// smallest steps at which it stands out of the rounding error. It is +Inf where
// it never does.
func (r *reading) order() float64 {
	for n := len(r.rungs) - 1; n >= 1; n-- {
		if r.rungs[n].remainder < 32*r.rungs[n].fog*r.rungs[n].step {
			continue
		}
		power := fall(r.rungs[max(n-2, 0)], r.rungs[n])
		if n+1 < len(r.rungs) {
			// Where the next step has passed a kink close by, the
			// remainder falls all at once.
			power = max(power, fall(r.rungs[n], r.rungs[n+1]))
		}
		return power
	}
	return math.Inf(1)
}

// fall returns the power of the step with which the remainder falls from one
// rung to another.
func fall(from, to rung) float64 {
	return math.Log(from.remainder/max(to.remainder, to.fog*to.step)) / math.Log(from.step/to.step)
}

// finding judges an analytic slope g by the reading. ok is false where it could
// not be resolved.
func (r *reading) finding(g float64) (f Finding, ok bool) {
	f = Finding{Kind: WrongGradient, Analytic: g, Numeric: r.numeric, Step: r.step, Error: r.err}
	gap := math.Abs(g - r.numeric)
	kink, bent, here := r.kink()
	switch below := r.err <= r.tolerance && r.step < kink.step; {
	case r.singular():
		last := r.rungs[len(r.rungs)-1]
		f.Kind, f.Left, f.Right, f.Step = Singular, last.left, last.right, last.step
		return f, true
	case bent && here && kink.jump() > 2*r.tolerance, bent && !below && gap > r.tolerance:
		f.Left, f.Right, f.Step = kink.left, kink.right, kink.step
		if !here && r.holdsBelow(kink, g) {
			return f, false
		}
		kink.fog += r.coarse
		f.Kind = WrongAtKink
		if kink.holds(g) {
			f.Kind = Kink
		}
		return f, true
	case gap <= r.tolerance, gap <= r.coarse && gap <= 8*r.err:
		f.Kind = Right
		return f, r.err <= r.coarse
	}
	return f, gap > 8*r.err && !r.agreesBelow(g, gap) && !r.bendExplains(g, gap)
}

// holdsBelow reports whether g lies between the one-sided slopes at some step
// smaller than a kink's that rounding does not hide: then it may be right.
func (r *reading) holdsBelow(kink rung, g float64) bool {
	return slices.ContainsFunc(r.rungs, func(s rung) bool {
		return s.step < kink.step && s.fog <= kink.jump()/8 && s.holds(g)
	})
}

// agreesBelow reports whether smaller steps than that of the best estimate
// speak for g and not for the estimate, which a gap parts: then the estimate's
// steps were beyond the scale on which φ varies.
func (r *reading) agreesBelow(g, gap float64) bool {
	return slices.ContainsFunc(r.rungs, func(s rung) bool {
		return s.step < r.step && s.fog <= gap/8 && math.Abs((s.left+s.right)/2-g) <= gap/4
	})
}

// singular reports whether the jump of slope grows without bound as the step
// falls: by √2 for a square root, by 2 where φ itself jumps.
func (r *reading) singular() bool {
	n := len(r.rungs) - 1
	if n < 3 {
		return false
	}
	for ; n > len(r.rungs)-3; n-- {
		if c := r.rungs[n]; c.jump() < 16*c.fog || c.jump() < 1.2*r.rungs[n-1].jump() {
			return false
		}
	}
	return true
}

// bendExplains reports whether a kink so close by that rounding hides it may be
// why the differences are a gap away from g. Near the smallest step at which
// rounding would not hide the gap, there must be a jump of slope that does not
// vanish with the step, as that of a smooth curve does; and it must be as large
// as the gap, or g lie between the one-sided slopes.
func (r *reading) bendExplains(g, gap float64) bool {
	for n := len(r.rungs) - 1; n >= 0; n-- {
		if r.rungs[n].fog > gap/8 {
			continue
		}
		between := r.rungs[n].holds(g)
		if n < 4 {
			return between
		}
		for m := n; m > n-4; m-- {
			small, large := r.rungs[m], r.rungs[m-1]
			jump := math.Abs(2*(small.right-small.left) - (large.right - large.left)) // extrapolated to step 0
			if jump >= gap || between && jump >= gap/4+6*small.fog {
				return true
			}
		}
		return false
	}
	return true
}

func notFinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
