package main

import "strings"

// functionName turns a field such as reluPull[1] into the name reluPullAdd.
func functionName(field string) string {
	return strings.NewReplacer("[0]", "", "[1]", "Add").Replace(field)
}

// loops writes all loops of the machine.
func loops(m *machine) []entry {
	var out []entry
	loop := func(name string, s shape, f func(m *machine, v operands) vec) {
		out = append(out, m.loop(name, s, func(m *machine, v operands, out func(vec)) { out(f(m, v)) }))
	}
	// pull writes a pullback, dst = b·slope(a), and the one that adds.
	pull := func(name string, s shape, slope func(m *machine, v operands) vec) {
		s.reads, s.writes = "ab", "d"
		loop(name+"[0]", s, func(m *machine, v operands) vec { return m.mul(v.b, slope(m, v)) })
		s.reads = "dab"
		loop(name+"[1]", s, func(m *machine, v operands) vec { return m.accumulate(v.d, v.b, slope(m, v)) })
	}
	heavy := shape{reads: "a", writes: "d", heavy: true, hoist: 6}
	paired := heavy
	paired.hoist, paired.together = 4, 2

	binary := shape{reads: "ab", writes: "d"}
	loop("add", binary, func(m *machine, v operands) vec { return m.add(v.a, v.b) })
	loop("sub", binary, func(m *machine, v operands) vec { return m.sub(v.a, v.b) })
	loop("mul", binary, func(m *machine, v operands) vec { return m.mul(v.a, v.b) })
	loop("div", binary, func(m *machine, v operands) vec { return m.div(v.a, v.b) })
	loop("addMul", shape{reads: "dab", writes: "d"}, func(m *machine, v operands) vec { return m.accumulate(v.d, v.a, v.b) })
	loop("addScaled", shape{reads: "da", writes: "d", scalars: 1}, func(m *machine, v operands) vec { return m.accumulate(v.d, v.a, v.s[0]) })
	loop("scale", shape{reads: "a", writes: "d", scalars: 1}, func(m *machine, v operands) vec { return m.mul(v.a, v.s[0]) })
	loop("standardise", shape{reads: "a", writes: "d", scalars: 3}, func(m *machine, v operands) vec {
		return m.fma(m.sub(v.a, v.s[0]), v.s[1], v.s[2])
	})
	loop("abs", shape{reads: "a", writes: "d"}, func(m *machine, v operands) vec { return m.abs(v.a) })
	loop("sqrt", shape{reads: "a", writes: "d"}, func(m *machine, v operands) vec { return m.sqrt(v.a) })
	loop("clamp", shape{reads: "a", writes: "d", scalars: 2}, func(m *machine, v operands) vec {
		return m.atMost(m.atLeast(v.a, v.s[0]), v.s[1])
	})

	loop("relu", shape{reads: "a", writes: "d"}, func(m *machine, v operands) vec { return m.atLeast(v.a, m.constant(0)) })
	passed := func(m *machine, v operands) vec { return m.keep(m.compare(v.a, notLessEqual, m.operand(0)), v.b) }
	loop("reluPull[0]", binary, passed)
	loop("reluPull[1]", shape{reads: "dab", writes: "d"}, func(m *machine, v operands) vec { return m.add(v.d, passed(m, v)) })
	leaked := func(m *machine, v operands) vec {
		return m.choose(m.compare(v.a, lessEqual, m.operand(0)), m.mul(v.b, v.s[0]), v.b)
	}
	loop("leakyReLU", shape{reads: "a", writes: "d", scalars: 1}, func(m *machine, v operands) vec {
		v.b = v.a
		return leaked(m, v)
	})
	loop("leakyReLUPull[0]", shape{reads: "ab", writes: "d", scalars: 1}, leaked)
	loop("leakyReLUPull[1]", shape{reads: "dab", writes: "d", scalars: 1}, func(m *machine, v operands) vec { return m.add(v.d, leaked(m, v)) })

	loop("exp", paired, func(m *machine, v operands) vec { return m.exp(v.a) })
	loop("log", heavy, func(m *machine, v operands) vec { return m.log(v.a) })
	loop("tanh", paired, func(m *machine, v operands) vec { return m.tanh(v.a) })
	loop("sigmoid", paired, func(m *machine, v operands) vec { return m.sigmoid(v.a) })
	loop("softplus", heavy, func(m *machine, v operands) vec { return m.softplus(v.a) })
	loop("silu", paired, func(m *machine, v operands) vec { return m.silu(v.a) })
	loop("gelu", paired, func(m *machine, v operands) vec { return m.gelu(v.a) })
	loop("geluTanh", heavy, func(m *machine, v operands) vec { return m.geluTanh(v.a) })
	pull("tanhPull", shape{}, func(m *machine, v operands) vec { return m.decrease(m.copy(m.operand(1)), v.a, v.a) })
	pull("sigmoidPull", shape{}, func(m *machine, v operands) vec { return m.mul(v.a, m.sub(m.constant(1), v.a)) })
	pull("softplusPull", heavy, func(m *machine, v operands) vec { return m.sigmoid(v.a) })
	pull("siluPull", heavy, func(m *machine, v operands) vec { return m.siluSlope(v.a) })
	pull("geluPull", heavy, func(m *machine, v operands) vec { return m.geluSlope(v.a) })
	pull("geluTanhPull", heavy, func(m *machine, v operands) vec { return m.geluTanhSlope(v.a) })

	loop("ema", shape{reads: "da", writes: "d", scalars: 2}, func(m *machine, v operands) vec {
		return m.accumulate(m.mul(v.d, v.s[1]), v.a, v.s[0])
	})
	loop("heavyBall", shape{reads: "da", writes: "d", scalars: 1}, func(m *machine, v operands) vec { return m.accumulate(v.a, v.d, v.s[0]) })
	loop("shrinkStep", shape{reads: "da", writes: "d", scalars: 2}, func(m *machine, v operands) vec {
		return m.mul(m.accumulate(v.d, v.a, v.s[0]), v.s[1])
	})
	scaled := shape{reads: "a", writes: "d", scalars: 1, bound: true, fetch: 'b'}
	scale := func(m *machine, v operands) vec { return m.mul(v.a, v.s[0]) }
	loop("scaleNext", scaled, scale)
	scaled.stream, scaled.unfenced = "d", true
	loop("scaleStream", scaled, scale)
	loop("signStep", shape{reads: "ab", writes: "d", scalars: 3}, func(m *machine, v operands) vec {
		one := m.patternOperand(m.one)
		sign := m.keep(m.compare(v.b, other, m.constant(0)), m.or(m.sign(v.b), one))
		return m.atMost(m.atLeast(m.fma(sign, v.s[0], v.a), v.s[1]), v.s[2])
	})
	// average writes an average and the step of a quadratic penalty along it,
	// both as they were where the gradient is not finite.
	average := func(name string, scalars int, f func(m *machine, v operands) vec) {
		out = append(out, m.loop(name, shape{reads: "dab", writes: "da", scalars: scalars + 2, bound: true, halves: true, told: true}, func(m *machine, v operands, out func(vec)) {
			out(v.b)
			mean := f(m, v)
			theta := m.mul(m.fma(mean, v.s[scalars], v.d), v.s[scalars+1])
			zero := m.sub(v.b, v.b)
			broken := m.compare(zero, unordered, zero)
			out(m.choose(broken, v.d, theta))
			out(m.choose(broken, v.a, mean))
		}))
	}
	average("emaStep", 2, func(m *machine, v operands) vec { return m.accumulate(m.mul(v.a, v.s[1]), v.b, v.s[0]) })
	average("heavyBallStep", 1, func(m *machine, v operands) vec { return m.fma(v.a, v.s[0], v.b) })
	loop("diagonalStep", shape{reads: "dab", writes: "d", scalars: 3}, func(m *machine, v operands) vec {
		root := m.sqrt(m.mul(v.b, v.s[1]))
		return m.add(v.d, m.div(m.mul(v.a, v.s[0]), m.add(root, v.s[2])))
	})
	// mirror writes the next logits, and looks at them if told to, before it goes
	// on to the probabilities: it needs their registers.
	mirror := func(told bool) body {
		return func(m *machine, v operands, out func(vec)) {
			y := m.accumulate(v.a, v.b, v.s[0])
			if told {
				out(y)
			}
			out(y)
			out(m.sigmoid(y))
		}
	}
	mirrored := shape{reads: "ab", writes: "ad", scalars: 1, heavy: true, together: 4}
	stream := mirrored
	stream.bound, stream.stream, stream.ahead = true, "d", 1024
	next := stream
	next.writes, next.stream, next.told = "nd", "", true
	nextStream := next
	nextStream.stream = "nd"
	return append(out,
		m.loop("adam", shape{reads: "dab", writes: "da", scalars: 4}, func(m *machine, v operands, out func(vec)) {
			first := m.accumulate(m.mul(v.b, v.s[1]), v.d, v.s[0])
			second := m.accumulate(m.mul(m.mul(v.b, v.b), v.s[3]), v.a, v.s[2])
			out(first)
			out(second)
		}),
		m.loop("mirror", mirrored, mirror(false)), m.loop("mirrorStream", stream, mirror(false)), m.loop("mirrorNext", next, mirror(true)), m.loop("mirrorNextStream", nextStream, mirror(true)))
}
