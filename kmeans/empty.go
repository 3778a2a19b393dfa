package kmeans

import "context"

// fill gives points to the centers that have none, if asked to: each the one
// farthest from its own center among those that leave no center without. Points
// that coincide with their centers are left alone.
func (l *lloyd[F]) fill(ctx context.Context) error {
	if l.config.Empty != TakeFarthest {
		return nil
	}
	counts := make([]int, l.k)
	for _, k := range l.labels {
		counts[k]++
	}
	for k, c := range counts {
		if c > 0 {
			continue
		}
		if err := l.refresh(ctx); err != nil {
			return err
		}
		farthest, most := -1, 0.0
		for i, label := range l.labels {
			if counts[label] > 1 && l.own[i] > most {
				farthest, most = i, l.own[i]
			}
		}
		if farthest < 0 {
			return nil
		}
		counts[l.labels[farthest]]--
		counts[k]++
		l.take(farthest, k)
	}
	return nil
}

// take gives point i to center k.
func (l *lloyd[F]) take(i, k int) {
	l.labels[i], l.own[i] = k, l.distance(i, k)
	l.distances.Add(1)
}
