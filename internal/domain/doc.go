// Package domain names the conditions under which a formula holds.
//
// A formula that is asked for a value outside its domain answers with an
// [Error] whose Code says which condition was broken. The packages of the
// solutions give it under their own name, so that a caller can write
//
//	if e := new(losses.DomainError); errors.As(err, &e) {
//		fmt.Println(e.Code, e.Message)
//	}
package domain
