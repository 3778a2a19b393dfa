package optim

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// State yields every array that the optimiser remembers, with a stable name:
// the parameter's path, a slash, and the slot, as in "0.weight/velocity". The
// slices are the optimiser's own: copy them before the next step. Together
// with Steps they are all there is to save.
func (o *Optimizer[F]) State() iter.Seq2[string, []F] {
	return func(yield func(string, []F) bool) {
		for i := range o.params {
			p := &o.params[i]
			for j, slot := range p.slots {
				if !yield(p.path+"/"+p.rule.slots[j], slot) {
					return
				}
			}
		}
	}
}

// Restore takes the optimiser to where another of the same model and rule was
// after the given number of steps: training goes on with the same bits. state
// holds exactly the arrays that State yields there. If a name is missing,
// unknown or has the wrong length it returns an error that says which, and has
// changed nothing.
func (o *Optimizer[F]) Restore(steps int, state map[string][]F) error {
	if steps < 0 {
		return fmt.Errorf("optim: restore: %d steps: want at least 0", steps)
	}
	unknown := maps.Clone(state)
	for name, slot := range o.State() {
		saved, ok := state[name]
		if !ok {
			return fmt.Errorf("optim: restore: the state has no %q: want that of the same model and rule", name)
		}
		if len(saved) != len(slot) {
			return fmt.Errorf("optim: restore: %q has %d elements: want %d", name, len(saved), len(slot))
		}
		delete(unknown, name)
	}
	if len(unknown) > 0 {
		names := slices.Sorted(maps.Keys(unknown))
		return fmt.Errorf("optim: restore: the state has %s, which this rule does not keep", strings.Join(names, ", "))
	}
	for name, slot := range o.State() {
		copy(slot, state[name])
	}
	for i := range o.params {
		o.params[i].image = false
	}
	o.steps = steps
	return nil
}
