package main

import "testing"

// Units go, and the accuracy stays.
func TestLearn(t *testing.T) {
	report, whole, pruned, err := learn(t.Context(), 2000, 8)
	if err != nil {
		t.Fatal(err)
	}
	if before, after := report.Units(); before != 128 || after > 100 || after < 5 {
		t.Errorf("%d of %d units are left: want some to go", after, before)
	}
	if whole < 0.5 || pruned < whole-0.002 || pruned > whole+0.002 {
		t.Errorf("accuracy %v, pruned %v: want the same", whole, pruned)
	}
}
