// Package opscan reads Go source for the operations it declares, so that a
// test can insist that each has its line in a table of gradient checks:
//
//	declared, err := opscan.Ops(".")
//	for _, op := range opscan.Missing(declared, checked) {
//		t.Errorf("%s: no gradient check", op)
//	}
package opscan
