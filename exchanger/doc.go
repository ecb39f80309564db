// Package exchanger talks to a site that runs the BoxExchanger merchant API: routes with their prices, creating, reading
// and changing an exchange order, the proof of a notification, the ten statuses and the addresses of the payment pages.
//
// It knows no database, no HTTP server, no language of people and nothing of the shop. It may import the standard library,
// decimals, the circuit breaker and retry policy, the HTML sanitizer and golang.org/x/sync; never models, checkout or app.
//
// Read client.go first (one Client for one Site), then call.go (what happens to one call: slot, breaker, time limit,
// size limit) and errors.go (what a caller may conclude from a failure). calculator.go and proof.go are pure.
//
// How sure each fact of the API is stands in the comments: [doc] is the merchant page of an exchanger, [client] was seen
// in public front-ends of the platform, [?] is not known and the code takes the safe side.
package exchanger
