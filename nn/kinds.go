package nn

import (
	"reflect"
	"strings"

	"github.com/gradus-ml/gradus/tensor"
)

// Kinds returns one zero value of each kind of layer in this package: what
// [Build] can make, and what the tests of every layer run through.
func Kinds[F tensor.Float]() []Layer[F] {
	return []Layer[F]{
		Sequential[F]{},
		&Linear[F]{},
		&NormalizedLinear[F]{},
		&Conv2D[F]{},
		&TiedFilter[F]{},
		&MaxPool2D[F]{},
		&AvgPool2D[F]{},
		&BatchNorm[F]{},
		&LayerNorm[F]{},
		&Residual[F]{},
		Dropout[F]{},
		ReLU[F]{},
		LeakyReLU[F]{},
		GELU[F]{},
		SiLU[F]{},
		Tanh[F]{},
		Sigmoid[F]{},
		Softplus[F]{},
		Flatten[F]{},
		&Reshape[F]{},
	}
}

// KindOf returns the name of a layer's kind in files and tables: that of its
// Go type, in lower case, such as "conv2d". A layer of another package whose
// type has the name of one here names its kind itself, by a method Kind.
func KindOf[F tensor.Float](layer Layer[F]) string {
	if named, ok := layer.(interface{ Kind() string }); ok {
		return named.Kind()
	}
	t := reflect.TypeOf(layer)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return strings.ToLower(name)
}
