// Package house holds the rules of the repository as tests: who may import
// whom, that every package and every exported name is documented, how long a
// file may be, and where package variables are allowed. It has no code for
// other packages to use.
package house
