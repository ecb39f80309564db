// Package webhook is how a merchant's program hears of orders: Standard Webhooks signatures, which addresses may be called, one POST of one
// delivery, and the care of endpoints (create, change, rotate, test, redeliver).
//
// When deliveries are tried and tried again is decided in package jobs; which events there are, in package checkout. It may import models and
// leaves. Read sign.go first, then send.go and endpoints.go.
package webhook
