package nn_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gradus-ml/gradus/nn"
)

func ExampleSummary() {
	model, _ := nn.Parse[float32]("cnn:8/32;dropout=0.5", []int{784}, 10, newRand())
	table, _ := nn.Summary(model, []int{784})
	fmt.Print(table)
	// Output:
	// path  layer      output     parameters  multiply-adds
	//       input      [784]
	// 0     reshape    [1 28 28]           0              0
	// 1     conv2d     [8 28 28]          80         56,448
	// 2     relu       [8 28 28]           0              0
	// 3     maxpool2d  [8 14 14]           0              0
	// 4     flatten    [1568]              0              0
	// 5     linear     [32]           50,208         50,176
	// 6     relu       [32]                0              0
	// 7     dropout    [32]                0              0
	// 8     linear     [10]              330            320
	//       total                     50,618        106,944
}

func TestSummaryOfNestedAndShared(t *testing.T) {
	shared := nn.NewLinear[float32](4, 4, newRand())
	model := nn.Sequential[float32]{
		&nn.Residual[float32]{Body: nn.Sequential[float32]{shared, nn.ReLU[float32]{}}, Projection: nn.NewLinear[float32](4, 4, newRand())},
		shared,
	}
	table, err := nn.Summary(model, []int{4})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range table.Rows {
		got = append(got, row.Path+" "+row.Kind)
	}
	if want := "[0.body.0 linear 0.body.1 relu 0.projection linear 1 linear]"; fmt.Sprint(got) != want {
		t.Errorf("rows %v, want %v", got, want)
	}
	if table.Parameters != 40 || table.MultiplyAdds != 48 {
		t.Errorf("%d parameters and %d multiply-adds, want 40 (the shared layer once) and 48 (each use)", table.Parameters, table.MultiplyAdds)
	}
	if text, err := json.Marshal(table.Rows[1]); err != nil || string(text) != `{"path":"0.body.1","kind":"relu","output":[4],"parameters":0,"multiply_adds":0}` {
		t.Errorf("as JSON: %s, %v", text, err)
	}
}
