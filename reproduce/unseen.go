package reproduce

import (
	"context"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/train"
)

// unseen is what a network makes of images that it was not trained on.
type unseen struct {
	z      losses.Logits
	labels []int
}

// fewImages is how many of the training images the overconfident network is
// trained on.
const fewImages = 2000

// overconfident is what a network makes of the other 58,000 training images,
// and of the test images. It learned the first 2,000 by heart: 256 hidden
// units, 40 epochs.
func (l *Lab) overconfident(ctx context.Context) (rest, test *unseen, err error) {
	if l.rest == nil {
		source, err := l.Train()
		if err != nil {
			return nil, nil, err
		}
		tests, err := l.Test()
		if err != nil {
			return nil, nil, err
		}
		m, err := l.fit(ctx, "mlp:256", dataset.First(source, fewImages), 40)
		if err != nil {
			return nil, nil, err
		}
		others := make([]int, source.Len()-fewImages)
		for i := range others {
			others[i] = fewImages + i
		}
		l.Say("logits of the images that the network has not seen")
		rest, test = &unseen{}, &unseen{}
		if rest.z, rest.labels, err = train.Logits(ctx, m, dataset.Subset(source, others)); err != nil {
			return nil, nil, err
		}
		if test.z, test.labels, err = train.Logits(ctx, m, tests); err != nil {
			return nil, nil, err
		}
		l.rest, l.tests = rest, test
	}
	return l.rest, l.tests, nil
}

// pick is some of the images.
func (u *unseen) pick(indices []int) *unseen {
	p := &unseen{z: losses.Logits{Table: u.z.Pick(indices)}, labels: make([]int, len(indices))}
	for i, at := range indices {
		p.labels[i] = u.labels[at]
	}
	return p
}

// part is the images from lo to hi.
func (u *unseen) part(lo, hi int) *unseen {
	indices := make([]int, hi-lo)
	for i := range indices {
		indices[i] = lo + i
	}
	return u.pick(indices)
}
