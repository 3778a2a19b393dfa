// Package tour shows the eleven problems at work on digits that it draws: what
// theory says beside what is measured.
//
// A [Chapter] is one problem: a question from practice, figures with the
// tolerance that each is held to, pictures, and one sentence of verdict. A
// [Lab] makes what chapters share once; [Page] joins their outcomes to one
// report. Every check can fail: theory comes from the closed form, measurement
// from training, sampling or searching.
//
//	lab := tour.NewLab(1)
//	chapters, err := tour.Chapters("")
//	for _, c := range chapters {
//		outcome, err := c.Visit(ctx, lab)
//		…
//	}
package tour
