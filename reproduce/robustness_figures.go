package reproduce

import (
	"fmt"

	"github.com/gradus-ml/gradus/report"
)

// figures are the table of both networks. The bounds are those of any
// classifier (what is proved is at most what survives, and what survives PGD at
// most what survives its first step, in kind), and of a network that this much
// training on attacked images makes: one of 16 and 32 filters is published with
// 88.8% under PGD at ε = 0.3 after ten epochs on FGSM's examples.
func (p robustPlan) figures(natural, adversarial robustCurve) []Figure {
	const madry = " (Madry's challenge: a CNN of 32 and 64 filters and 1,024 units, 100,000 steps)"
	const wong = " (Wong et al. 2020: 16 and 32 filters and 100 units)"
	figures := []Figure{
		AtLeast("natural training: accuracy as they are", natural.clean, "%.2f%%", 98, ""),
		AtLeast("training on attacked images: accuracy as they are", adversarial.clean, "%.2f%%", 95, "98.5%"+wong),
	}
	for _, c := range []robustCurve{natural, adversarial} {
		for i, radius := range robustRadii() {
			name := func(what string) string { return fmt.Sprintf("%s, ε = %g: %s", c.name, radius, what) }
			fgsm, pgd := Shown(name("FGSM"), c.fgsm[i], "%.1f%%", ""), Shown(name("PGD"), c.pgd[i], "%.1f%%", "")
			switch last := i == len(robustRadii())-1; {
			case last && c.name == natural.name:
				pgd = AtMost(pgd.Name, pgd.Value, pgd.Format, 5, "")
			case last:
				fgsm = AtLeast(fgsm.Name, fgsm.Value, fgsm.Format, p.fgsm, "96.4%"+madry)
				pgd = AtLeast(pgd.Name, pgd.Value, pgd.Format, p.pgd, "92.5% under 100 steps, 89.6% with 50 restarts"+madry+"; 88.8%"+wong)
			}
			figures = append(figures, Shown(name("random signs"), c.noise[i], "%.1f%%", ""), fgsm, pgd,
				Shown(name("certified"), c.certified[i], "%.1f%%", "a lower bound of any attack"))
		}
	}
	return figures
}

// drawRobust draws accuracy over the radius, a panel for each network.
func drawRobust(lab *Lab, p robustPlan, curves []robustCurve) {
	figure := report.Figure{Title: "Accuracy under attack, MNIST", X: "radius ε of the perturbation, in the units of a pixel (0 to 1)"}
	radii := append([]float64{0}, robustRadii()...)
	for _, c := range curves {
		from := func(of []float64) []float64 { return append([]float64{c.clean}, of...) }
		lines := []report.Line{
			{Name: "random signs", X: radii, Y: from(c.noise), Markers: true},
			{Name: "FGSM", X: radii, Y: from(c.fgsm), Markers: true},
			{Name: "PGD", X: radii, Y: from(c.pgd), Markers: true},
			{Name: "certified", X: radii[1:], Y: c.certified, Markers: true},
		}
		figure.Panels = append(figure.Panels, report.Panel{Y: c.name + ": accuracy (%)", Legend: report.BottomLeft, Lines: lines})
	}
	file := "robustness.svg"
	if p.images == 1000 {
		file = "robust-training.svg"
	}
	lab.Draw(file, "Accuracy over the radius: random signs, one exact step (FGSM), projected gradient descent (PGD), and what is proved.", figure)
}
