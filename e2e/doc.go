// Package e2e tests the whole program from outside: the built binary as a process on both databases, killed, stopped and starved; and its
// pages in a real browser.
//
// It holds tests alone. main_test.go builds the binary once; process_test.go starts and ends it, customer_test.go buys.
package e2e
