package domain_test

import (
	"errors"
	"fmt"

	"github.com/gradus-ml/gradus/internal/domain"
)

func ExampleErrorf() {
	err := fmt.Errorf("row 3: %w", domain.Errorf(domain.Singular, "pivot %d is 0: want independent columns", 2))
	if e := new(domain.Error); errors.As(err, &e) {
		fmt.Println(e.Code)
		fmt.Println(err)
	}
	// Output:
	// singular
	// row 3: pivot 2 is 0: want independent columns
}
