package nn

import "github.com/gradus-ml/gradus/internal/domain"

// DomainError says that a value is outside the domain of a layer's formula. Its
// Code names the condition that was broken, such as "zero_norm".
type DomainError = domain.Error
