package losses

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Targets says what a classifier should answer: soft or hard labels, class
// weights, masks and label smoothing, in one definition. With t̃ = (1−α)·t +
// α/K and row loss ℓ_i = −Σ_k v_k t̃_ik log p_ik,
//
//	Sum        = Σ_i r_i ℓ_i
//	Normaliser = Σ_i r_i Σ_k v_k t_ik    (t, not t̃)
//	Mean       = Sum / Normaliser
//
// For hard labels this is PyTorch's CrossEntropyLoss(weight, ignore_index,
// label_smoothing) with reduction "mean", masked rows being those with r = 0.
// For soft targets PyTorch, and [CrossEntropySoft], divide Sum by the number of
// rows instead, which is the Normaliser where v = r = 1; Sum is here for those
// who want that.
type Targets struct {
	Probs        Probs     // t [rows, classes]
	ClassWeights []float64 // v ≥ 0 [classes]; nil: ones
	RowWeights   []float64 // r ≥ 0 [rows]; nil: ones; 0 masks a row
	Smoothing    float64   // α in [0, 1]
}

// Evaluation is a cross-entropy, in nats, and what it was made of.
type Evaluation struct {
	Sum, Normaliser, Mean float64
	KL                    float64   // Mean less the part of it that no model can avoid
	Rows                  []float64 // ℓ_i, unweighted by r
	Gradient              Table     // of Mean in the logits, [rows, classes]
}

// Evaluate returns the cross-entropy of the logits z. KL is Mean less its
// minimum over all models, that is the mean of Σ_k v_k t̃_ik times
// KL(v·t̃/Σ v·t̃ ‖ p) per row; with no class weights it is KL(t̃‖p).
// Masked rows may hold anything. If all rows are masked, or carry no weight,
// Mean is 0 and so are its gradients.
func (t Targets) Evaluate(z Logits) (*Evaluation, error) {
	if err := t.check(z); err != nil {
		return nil, err
	}
	n, classes := z.Rows(), z.Classes
	e := &Evaluation{Rows: make([]float64, n), Gradient: z.like()}
	log, mixed := make([]float64, classes), make([]float64, classes)
	for i := range n {
		r := weightAt(t.RowWeights, i)
		if r == 0 {
			continue
		}
		logSoftmax(log, z.Row(i))
		var mass, hard float64
		for k, p := range t.Probs.Row(i) {
			v := weightAt(t.ClassWeights, k)
			mixed[k] = v * ((1-t.Smoothing)*p + t.Smoothing/float64(classes))
			mass += mixed[k]
			hard += v * p
			if mixed[k] > 0 {
				e.Rows[i] -= mixed[k] * log[k]
			}
		}
		for k, m := range mixed {
			e.Gradient.Row(i)[k] = r * (mass*math.Exp(log[k]) - m)
			if mass > 0 {
				e.KL += r * mass * bregmanTerm(m/mass, log[k])
			}
		}
		e.Sum += r * e.Rows[i]
		e.Normaliser += r * hard
	}
	scale := 0.0
	if e.Normaliser > 0 {
		scale = 1 / e.Normaliser
		e.Mean = e.Sum * scale
	}
	e.KL *= scale
	for at := range e.Gradient.Data {
		e.Gradient.Data[at] *= scale
	}
	return e, nil
}

func (t Targets) check(z Logits) error {
	if err := checkPair(t.Probs.Table, z.Table); err != nil {
		return err
	}
	if !(t.Smoothing >= 0 && t.Smoothing <= 1) {
		return domain.Errorf(domain.InvalidParameter, "smoothing is %v: want it in [0, 1]", t.Smoothing)
	}
	if err := checkWeights("class weight", t.ClassWeights, z.Classes); err != nil {
		return err
	}
	if err := checkWeights("row weight", t.RowWeights, z.Rows()); err != nil {
		return err
	}
	for i := range z.Rows() {
		if weightAt(t.RowWeights, i) == 0 {
			continue
		}
		if err := checkDistribution(t.Probs.Row(i)); err != nil {
			return domain.Errorf(domain.InvalidDistribution, "targets of row %d: %v", i, err)
		}
		if err := (Logits{Table{z.Classes, z.Row(i)}}).Check(); err != nil {
			return domain.Errorf(domain.InvalidParameter, "row %d: %v", i, err)
		}
	}
	return nil
}

func weightAt(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}
