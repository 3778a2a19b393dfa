package optim

import "github.com/gradus-ml/gradus/internal/domain"

// DomainError says that a hyperparameter is outside its domain.
type DomainError = domain.Error

func invalid(format string, args ...any) error {
	return domain.Errorf(domain.InvalidParameter, format, args...)
}
