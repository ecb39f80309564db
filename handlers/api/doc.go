// Package api is the merchant API below /api: orders, routes, refunds, payment links, webhook endpoints and events, for the programs of a
// merchant. Calls are described once, in Go types, and both the checking of requests and the OpenAPI document come from them.
//
// It may import checkout, staff, webhook, models and handlers. Answers are thin: parse, call, render. Read api.go first, then guard.go and
// problem.go.
package api
