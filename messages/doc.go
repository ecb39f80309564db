// Package messages holds every sentence that a person reads, in each language, and chooses the language.
//
// The texts stand in LANG/AREA.yaml as flat `key: text` pairs, {name} marks what is filled in, and a text that
// depends on a count is a map of plural forms (one, few, many, other). A key exists in all languages or in none: a test
// says so, and another finds texts that nothing uses. It is a leaf: it imports no other package of the program.
//
// Read catalogue.go first, then choose.go.
package messages
