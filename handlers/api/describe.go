package api

import (
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// orderWords say what the members of an order are; the type itself stands in package checkout, which knows nothing of descriptions.
var orderWords = map[string]string{
	"id":            "ord_ and the number.",
	"number":        "What people say.",
	"status":        "open, pending (payment seen, not settled), paid, underpaid, returned, cancelled, expired or review.",
	"flags":         "Facts beside the status: late, double, over, drift, payout_changed.",
	"review_reason": "Why a person has to look; empty unless the status is review.",
	"version":       "Only grows: of two copies, the one with the higher version is the newer.",
	"amount":        "The price, in currency.",
	"received":      "What settled payments brought, in currency, at the rate promised when each was made.",
	"currency":      "The shop's.",
	"metadata":      "As you gave it.",
	"checkout_url":  "Where the customer chooses, pays and sees how it goes on. It holds a secret: give it to the customer alone.",
	"paid_at":       "When it became paid; null before.",
	"payment":       "The attempt to pay that counts; null before there is one.",
}

var paymentWords = map[string]string{
	"status":     "The exchanger's own word: new, waitPayment, errorPayment, inProgress, inProgressPayout, errorPayout, hold, done, returned, deleted. Before it has one: creating, refused, unclear.",
	"uid":        "The exchange order's number at the exchanger.",
	"url":        "The exchanger's page of this payment; empty while there is none.",
	"site":       "The exchanger, as the configuration names it.",
	"from":       "Code of the currency that the customer pays.",
	"to":         "Code of the currency that the shop receives.",
	"in_amount":  "What the customer pays, in from, as last known.",
	"out_amount": "What the shop receives, in to, as last known.",
}

// describe adds to the document what Go types cannot say.
func (s *server) describe() {
	schemas := s.api.OpenAPI().Components.Schemas.Map()
	for name, schema := range schemas {
		if !strings.HasSuffix(name, "Body") && !strings.HasSuffix(name, "Patch") {
			schema.AdditionalProperties = nil // answers may gain members: a generated client has to bear it
		}
	}
	word(schemas["Order"], orderWords)
	word(schemas["Payment"], paymentWords)
	if o := schemas["Order"]; o != nil {
		if p := o.Properties["payment"]; p != nil && p.Ref != "" {
			o.Properties["payment"] = &huma.Schema{OneOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}, Description: orderWords["payment"]}
		}
	}
}

func word(s *huma.Schema, words map[string]string) {
	if s == nil {
		return
	}
	for name, text := range words {
		if p := s.Properties[name]; p != nil && p.Ref == "" {
			p.Description = text
		}
	}
	s.Required = slices.Sorted(maps.Keys(s.Properties))
}
