// Package app is the program's commands, one file for each, and the wiring of serve that in-process tests use too.
//
// It may import everything but is imported by main and e2e alone. Read app.go first (commands and flags), then serve.go (in what order
// things start and stop) and shop.go (what the shop is made of).
package app
