// Package checkout is the domain: what a route costs (quote), how an order and its exchange order come to be (place), what is believed
// of what was heard (decide, conclude, apply), how the truth is looked up when nobody tells it (pull, reconcile), and why an order is
// where it is (explain). It imports models, exchanger, messages, money and config; it knows no HTTP server and no SQL.
//
// Read words.go, fact.go, decide.go and conclude.go first: they are pure and hold the rules. apply.go is the one place that writes what
// they decide; docs/truth.md explains the rules to people.
package checkout
