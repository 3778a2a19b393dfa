package moments

// DenseLayer is what [PropagateVariance] needs of a layer: z = W·x + b, then an
// activation.
type DenseLayer struct {
	FanIn                        int
	WeightVariance, BiasVariance float64
	Activation                   Function
}

// PropagateVariance returns, for each of a stack of layers with zero-mean
// weights and biases, the variance of z and the second moment of the
// activation:
//
//	q_l = fan_in·v_w·E x² + v_b, then E φ(z)² for z ~ N(0, q_l)
//
// Exact for ReLU, its leaky kin and the identity under symmetric weights; for
// other functions z is taken to be normal, as in wide layers it nearly is.
// [Propagate] does the same for models. Source: docs/node-statistics.md.
func PropagateVariance(secondMoment float64, layers []DenseLayer) (preVariance, postSecondMoment []float64, err error) {
	if err := checkVariances(number{"second_moment_x", secondMoment}); err != nil {
		return nil, nil, err
	}
	for i, l := range layers {
		if l.FanIn < 0 {
			return nil, nil, invalid("layer %d: fan_in is %d: want at least 0", i, l.FanIn)
		}
		if err := checkVariances(number{"var_w", l.WeightVariance}, number{"var_b", l.BiasVariance}); err != nil {
			return nil, nil, err
		}
		q := float64(l.FanIn)*l.WeightVariance*secondMoment + l.BiasVariance
		m, err := GaussianThrough(l.Activation, 0, q)
		if err != nil {
			return nil, nil, err
		}
		secondMoment = m.SecondMoment
		preVariance, postSecondMoment = append(preVariance, q), append(postSecondMoment, secondMoment)
	}
	return preVariance, postSecondMoment, nil
}

// BackwardLayer is what [BackwardVariance] needs of a layer.
type BackwardLayer struct {
	FanOut                            int
	WeightVariance, SlopeSecondMoment float64
}

// BackwardVariance returns the variance of the gradient before each layer, the
// last layer first: V δ ← fan_out·v_w·E φ'²·V δ, which takes δ to be
// independent of the weights. Source: docs/node-statistics.md.
func BackwardVariance(variance float64, layers []BackwardLayer) ([]float64, error) {
	if err := checkVariances(number{"var_delta", variance}); err != nil {
		return nil, err
	}
	all := make([]float64, len(layers))
	for i, l := range layers {
		if l.FanOut < 0 {
			return nil, invalid("layer %d: fan_out is %d: want at least 0", i, l.FanOut)
		}
		if err := checkVariances(number{"var_w", l.WeightVariance}, number{"deriv_second_moment", l.SlopeSecondMoment}); err != nil {
			return nil, err
		}
		variance *= float64(l.FanOut) * l.WeightVariance * l.SlopeSecondMoment
		all[i] = variance
	}
	return all, nil
}

// ConvVarianceMap returns the variance [M] of each output of a one-dimensional
// convolution with zero-mean weights of variance varW, for inputs with second
// moments [channels, N]: places that hang over into the zero padding have fewer
// terms. M = ⌊(N + 2·padding − dilation·(kernel−1) − 1)/stride⌋ + 1, or 0 where
// the kernel is longer than the padded input. Source: docs/node-statistics.md.
func ConvVarianceMap(secondMoment [][]float64, kernel, dilation, stride, padding int, varW, varB float64) ([]float64, error) {
	if err := checkCounts(1, map[string]int{"kernel": kernel, "dilation": dilation, "stride": stride}); err != nil {
		return nil, err
	}
	if err := checkCounts(0, map[string]int{"padding": padding}); err != nil {
		return nil, err
	}
	if kernel >= 1<<24 || dilation >= 1<<24 || stride >= 1<<24 || padding >= 1<<24 {
		return nil, invalid("kernel %d, dilation %d, stride %d, padding %d: want numbers below 2^24", kernel, dilation, stride, padding)
	}
	if err := checkVariances(number{"var_w", varW}, number{"var_b", varB}); err != nil {
		return nil, err
	}
	if len(secondMoment) == 0 {
		return nil, mismatch("second_moment_x has no channels: want at least one")
	}
	n := len(secondMoment[0])
	total := make([]float64, n) // over the channels
	for c, row := range secondMoment {
		if len(row) != n {
			return nil, mismatch("channel %d has %d places: want %d", c, len(row), n)
		}
		for i, q := range row {
			if err := checkVariances(number{"second_moment_x", q}); err != nil {
				return nil, err
			}
			total[i] += q
		}
	}
	room := n + 2*padding - dilation*(kernel-1) - 1
	if room < 0 {
		return []float64{}, nil
	}
	if (room/stride + 1) > (1<<28)/kernel {
		return nil, invalid("%d outputs of %d taps each: want at most 2^28 terms", room/stride+1, kernel)
	}
	variance := make([]float64, room/stride+1)
	for i := range variance {
		at := i*stride - padding
		sum := 0.0
		for k := range kernel {
			if j := at + k*dilation; j >= 0 && j < n {
				sum += total[j]
			}
		}
		variance[i] = varW*sum + varB
	}
	return variance, nil
}
