package train

// History is the training curve.
type History struct {
	Epochs []Epoch  `json:"epochs"`
	Steps  []Sample `json:"steps"` // every Stride-th step

	// Stride doubles, and every second sample is dropped, where there would be
	// too many: however long a run is, its samples are few and evenly spread.
	Stride int `json:"stride"`
}

// Epoch is what one epoch came to.
type Epoch struct {
	Epoch      int    `json:"epoch"` // its number, from 1
	Step       int    `json:"step"`  // steps taken so far
	Train      Score  `json:"train"` // over the epoch, while its weights changed; the loss as it was minimised
	Validation *Score `json:"validation,omitempty"`
	Best       bool   `json:"best,omitempty"` // the best so far
}

// Score is a loss, in nats, and an accuracy.
type Score struct {
	Loss     float64 `json:"loss"`
	Accuracy float64 `json:"accuracy"`
}

// of returns the monitored quantity, so that lower is better.
func (s Score) of(q Quantity) float64 {
	if q == Accuracy {
		return -s.Accuracy
	}
	return s.Loss
}

// Sample is one step's loss and accuracy on its batch.
type Sample struct {
	Step         int     `json:"step"`
	Loss         float64 `json:"loss"`
	Accuracy     float64 `json:"accuracy"`
	LearningRate float64 `json:"learning_rate"`
}

// maxSamples is how many samples a history holds at most.
const maxSamples = 1024

func newHistory() History {
	return History{Epochs: []Epoch{}, Steps: make([]Sample, 0, maxSamples), Stride: 1}
}

// add records a step if it is one of the sampled ones.
func (h *History) add(s Sample) {
	if s.Step%h.Stride != 0 {
		return
	}
	if len(h.Steps) >= maxSamples {
		h.Stride *= 2
		kept := h.Steps[:0]
		for _, old := range h.Steps {
			if old.Step%h.Stride == 0 {
				kept = append(kept, old)
			}
		}
		h.Steps = kept
		if s.Step%h.Stride != 0 {
			return
		}
	}
	h.Steps = append(h.Steps, s)
}
