// Package sandbox is an imitation of an exchanger of the BoxExchanger kind, to rehearse a shop without moving money.
//
// It answers the merchant API under /service/api/v1/, plays the exchanger's payment and order pages, sends notifications in
// the platform's own form, and has a page, /control, where a person plays the exchanger's administrator: any order to any
// status, faults as switches, time travel.
//
// It is written from spec/exchanger-api.md alone and imports nothing of this module, so that a mistake of the shop's client
// cannot hide behind the same mistake here. It may import the standard library and shopspring/decimal.
//
// Read sandbox.go first, then order.go (the life of an order), api.go (the API) and faults.go (what can go wrong on purpose).
package sandbox
