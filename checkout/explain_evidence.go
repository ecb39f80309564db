package checkout

import (
	"encoding/json"
	"slices"

	"mostrador/models"
)

// proof names what shows a cause: columns of a payment, of which the log has the event that set them last, and kinds of events.
type proof struct {
	columns, kinds []string
	everyPayment   bool
}

var proofs = map[string]proof{
	CauseCreating:        {kinds: []string{FactIntent}},
	CauseRefusedCreate:   {kinds: []string{FactRefused}},
	CauseUnclearCreate:   {kinds: []string{FactUnclear}},
	CauseWrongHashOnly:   {columns: []string{"wrong_hashes", "phase"}},
	CauseUnpullable:      {columns: []string{"status"}, kinds: []string{FactUnclear, FactRefused}},
	CausePriceMoved:      {columns: []string{"ordered_in"}},
	CauseExchangerSilent: {columns: []string{"status"}, kinds: []string{"pull_failed"}},
	CauseExchangerDown:   {columns: []string{"status"}, kinds: []string{"pull_failed"}},
	CauseShortBy:         {columns: []string{"settled_at"}, everyPayment: true},
	CauseGivenBack:       {columns: []string{"settled_at"}, everyPayment: true},
	CauseGivenBackSeen:   {columns: []string{"settled_at", "status"}, everyPayment: true},
	CauseRestUnderWay:    {columns: []string{"settled_at", "status"}, everyPayment: true},
	CauseLate:            {columns: []string{"settled_at"}, kinds: []string{Expired, Cancelled}, everyPayment: true},
	CauseLateSeen:        {columns: []string{"status"}, kinds: []string{Expired, Cancelled}, everyPayment: true},
	CauseOver:            {columns: []string{"settled_at"}, everyPayment: true},
	CausePaid:            {columns: []string{"settled_at"}, everyPayment: true},
	CauseAccepted:        {columns: []string{"settled_at"}, kinds: []string{"accepted"}, everyPayment: true},
	CauseCancelled:       {kinds: []string{Cancelled, FactCancelSent}, everyPayment: true},
	CauseExpired:         {kinds: []string{Expired}, everyPayment: true},
	CauseExpiredWatched:  {kinds: []string{Expired}, everyPayment: true},
	WhyReturnedAfterPaid: {columns: []string{"settled_at", "contradiction"}, everyPayment: true},
	WhyDeletedAfterPaid:  {columns: []string{"settled_at", "contradiction"}, everyPayment: true},
	WhyErrorAfterPaid:    {columns: []string{"settled_at", "contradiction"}, everyPayment: true},
	WhyPayoutShort:       {columns: []string{"settled_at", "contradiction"}, everyPayment: true},
	WhyAmountUnknown:     {columns: []string{"contradiction"}, everyPayment: true},
	WhyPayoutChanged:     {columns: []string{"contradiction"}, everyPayment: true},
	WhyOtherCurrency:     {columns: []string{"contradiction"}, everyPayment: true},
	WhyUnknownStatus:     {columns: []string{"contradiction"}, everyPayment: true},
	WhyRowChanged:        {kinds: []string{FactRowChanged}, everyPayment: true},
	WhyPaidAfterRefund:   {columns: []string{"settled_at"}, kinds: []string{"refund", "refund_asked"}, everyPayment: true},
	WhyDouble:            {columns: []string{"settled_at"}, everyPayment: true},
	WhyOutOfStock:        {columns: []string{"settled_at"}, kinds: []string{Expired, Cancelled}, everyPayment: true},
}

// evidenceFor picks the events that show a cause, the oldest first.
func evidenceFor(cause string, s Situation) []Evidence {
	want, ok := proofs[cause]
	if !ok {
		want = proof{columns: []string{"status"}}
	}
	type key struct {
		payment int64
		what    string
	}
	last := map[key]int{}
	for i := range s.Events {
		e := &s.Events[i]
		if !want.everyPayment && (s.Current == nil || e.PaymentID != s.Current.ID) {
			continue
		}
		if slices.Contains(want.kinds, e.Kind) {
			last[key{e.PaymentID, e.Kind}] = i
		}
		changed := saidBy(e).Changes
		for _, c := range want.columns {
			if v, ok := changed[c]; ok && v != "" && v != nil {
				last[key{e.PaymentID, c}] = i
			}
		}
	}
	var picked []int
	for _, i := range last {
		picked = append(picked, i)
	}
	slices.Sort(picked)
	var out []Evidence
	for _, i := range slices.Compact(picked) {
		out = append(out, EvidenceOf(&s.Events[i]))
	}
	return out
}

func saidBy(e *models.Event) (s said) {
	if json.Unmarshal([]byte(e.Data), &s) != nil {
		return said{}
	}
	return s
}
