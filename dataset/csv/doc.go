// Package csv reads tables of numbers, with one column of labels or without.
//
//	t, err := csv.Open("iris.csv", csv.Options{Comma: ',', Label: "species"})
//	// t.X [150 4], t.Labels [150], t.Classes [setosa versicolor virginica]
//
// Every feature is a finite number; labels may be any text. A first line in
// which no field is a number is taken for the names of the columns, unless
// [Options] says whether there are names.
package csv
