package problems_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/problems"
)

func Example() {
	p, err := problems.Find("norm-prox")
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := problems.Solve(p.Slug, "prox", []byte(`{"rho": {"kind": "linear", "lambda": 1}, "theta": [3, 4], "g": [0, 0], "eps": 0.5}`))
	fmt.Println(p.Number, string(out), err)
	// Output: 6 {"a":[3,4],"a_norm":5,"l":4.5,"theta":[2.7,3.6],"objective":4.75,"unique":true} <nil>
}
