package glyphs_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/dataset/glyphs"
)

func Example() {
	o := glyphs.Default()
	o.Classes, o.Priors = "AB", []float64{0.9, 0.1}
	g, err := glyphs.New(o)
	if err != nil {
		panic(err)
	}
	counts := map[string]int{}
	for i := range 1000 {
		counts[g.Classes()[g.Label(i)]]++
	}
	fmt.Println(g.Len(), counts["A"] > 850, counts["B"] > 50)
	// Output: 784 true true
}
