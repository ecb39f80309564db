// Package money holds amounts: decimals with their currency, how they are read from what a person types, rounded, and
// written in each language. It is a leaf: it imports no other package of the program.
//
// Read amount.go first, then text.go.
package money
