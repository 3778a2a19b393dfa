package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// gonumProduct is C = A·B of square matrices by gonum's own BLAS.
func gonumProduct(n int) func() {
	a, b, c := square(n), square(n), square(n)
	return func() { blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 0, c) }
}

func square(n int) blas32.General {
	return blas32.General{Rows: n, Cols: n, Stride: n, Data: normal(n * n)}
}

func normal(n int) []float32 {
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// gonumStep is the training step of mlp_step, written out with gonum's products.
func gonumStep() func() {
	const batch = 128
	sizes := []int{784, 512, 256, 10}
	var weights, gradients, velocities, outputs, slopes []blas32.General
	var biases, biasSlopes, biasVelocities [][]float32
	outputs = append(outputs, matrix(batch, sizes[0]))
	slopes = append(slopes, blas32.General{})
	for i, in := range sizes[:len(sizes)-1] {
		out := sizes[i+1]
		w := matrix(in, out)
		for j := range w.Data {
			w.Data[j] *= 0.05
		}
		weights, gradients, velocities = append(weights, w), append(gradients, matrix(in, out)), append(velocities, zeros(in, out))
		outputs, slopes = append(outputs, zeros(batch, out)), append(slopes, zeros(batch, out))
		biases, biasSlopes, biasVelocities = append(biases, make([]float32, out)), append(biasSlopes, make([]float32, out)), append(biasVelocities, make([]float32, out))
	}
	last := len(weights) - 1
	return func() {
		for i, w := range weights {
			blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, outputs[i], w, 0, outputs[i+1])
			activate(outputs[i+1], biases[i], i < last)
		}
		crossEntropy(slopes[last+1], outputs[last+1])
		for i := last; i >= 0; i-- {
			dy := slopes[i+1]
			blas32.Gemm(blas.Trans, blas.NoTrans, 1, outputs[i], dy, 0, gradients[i])
			sumRows(biasSlopes[i], dy)
			if i > 0 {
				blas32.Gemm(blas.NoTrans, blas.Trans, 1, dy, weights[i], 0, slopes[i])
				for j, y := range outputs[i].Data {
					if y <= 0 {
						slopes[i].Data[j] = 0
					}
				}
			}
			heavyBall(weights[i].Data, velocities[i].Data, gradients[i].Data)
			heavyBall(biases[i], biasVelocities[i], biasSlopes[i])
		}
	}
}

func matrix(rows, cols int) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: normal(rows * cols)}
}

func zeros(rows, cols int) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: make([]float32, rows*cols)}
}

// activate adds the bias and applies ReLU.
func activate(y blas32.General, bias []float32, relu bool) {
	for i := range y.Rows {
		row := y.Data[i*y.Cols : (i+1)*y.Cols]
		for j := range row {
			if row[j] += bias[j]; relu {
				row[j] = max(0, row[j])
			}
		}
	}
}

// crossEntropy writes the gradient of the mean loss in the logits, row i being
// of class i mod 10.
func crossEntropy(slope, logits blas32.General) {
	for i := range logits.Rows {
		row, out := logits.Data[i*logits.Cols:(i+1)*logits.Cols], slope.Data[i*logits.Cols:(i+1)*logits.Cols]
		top, sum := slices.Max(row), 0.0
		for j, z := range row {
			e := math.Exp(float64(z - top))
			out[j] = float32(e)
			sum += e
		}
		for j := range out {
			out[j] /= float32(sum) * float32(logits.Rows)
		}
		out[i%logits.Cols] -= 1 / float32(logits.Rows)
	}
}

func sumRows(sum []float32, x blas32.General) {
	clear(sum)
	for i := range x.Rows {
		for j := range sum {
			sum[j] += x.Data[i*x.Cols+j]
		}
	}
}

func heavyBall(w, v, g []float32) {
	for i := range w {
		v[i] = 0.9*v[i] + g[i]
		w[i] -= 0.01 * v[i]
	}
}
