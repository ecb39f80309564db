package checkout

import (
	"fmt"
	"strings"
	"time"

	"mostrador/exchanger"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
)

// EvidenceCodes lists the codes of evidence.
var EvidenceCodes = []string{"intent", "created", "refused", "unclear", "notified", "notified_kept", "notified_hint", "notified_wrong", "pulled", "pull_failed",
	"came_back", "superseded", "cancel_sent", "told_paid", "expired", "cancelled", "accepted", "row_changed", "refund_asked", "asked_rest", "receipt_sent", "refund", "refund_refused", "noted"}

// EvidenceOf says in short what an event tells.
func EvidenceOf(e *models.Event) Evidence {
	code := e.Kind
	switch {
	case e.Kind == FactNotified && e.Outcome == Refused:
		code = "notified_wrong"
	case e.Kind == FactNotified && e.Reason == "no_hash":
		code = "notified_hint"
	case e.Kind == FactNotified && e.Outcome != Applied:
		code = "notified_kept"
	case e.Kind == FactCreated, e.Kind == FactPulled, e.Kind == FactNotified, e.Kind == FactIntent, e.Kind == FactRefused, e.Kind == FactUnclear,
		e.Kind == FactCameBack, e.Kind == FactSuperseded, e.Kind == FactCancelSent, e.Kind == "pull_failed", e.Kind == Expired, e.Kind == Cancelled, e.Kind == "accepted", e.Kind == FactRowChanged, e.Kind == "refund_asked", e.Kind == "asked_rest", e.Kind == "receipt_sent":
	case e.Kind == "refund":
		if strings.HasSuffix(saidBy(e).Note, RefundRefused) {
			code = "refund_refused"
		}
	default:
		code = "noted"
	}
	who := e.Who
	if who == "" {
		who = "—"
	}
	return Evidence{EventID: e.ID, At: e.At, Code: code, Args: []any{"status", e.Status, "who", who, "note", saidBy(e).Note}}
}

// Sentence is the explanation in words: to the customer, or with desk to the merchant's staff. Times are said in loc; nil is UTC.
func (e Explanation) Sentence(p messages.Printer, desk bool, loc *time.Location) string {
	key := "explain." + e.Cause
	if desk {
		key += ".desk"
	}
	return p.Text(key, e.worded(e.Args, p, loc)...)
}

// WhoText says who can act, as the customer or with desk the merchant's staff is told.
func (e Explanation) WhoText(p messages.Printer, desk bool) string {
	key := "explain.who." + e.Who
	if desk {
		key += ".desk"
	}
	return p.Text(key)
}

// EvidenceText is one fact of the explanation in words, without its time.
func (e Explanation) EvidenceText(v Evidence, p messages.Printer, loc *time.Location) string {
	return p.Text("evidence."+v.Code, e.worded(append(v.Args, e.Args...), p, loc)...)
}

// Moment says a time in loc, without the date when it is of the day on which the explanation was asked for; "—" for none.
func (e Explanation) Moment(t time.Time, p messages.Printer, loc *time.Location) string {
	if t.IsZero() {
		return "—"
	}
	if loc == nil {
		loc = time.UTC
	}
	t = t.In(loc)
	if y, d := t.Year(), t.YearDay(); !e.now.IsZero() && y == e.now.In(loc).Year() && d == e.now.In(loc).YearDay() {
		return t.Format("15:04")
	}
	month := "—"
	if names := strings.Fields(p.Text("explain.months")); len(names) == 12 {
		month = names[t.Month()-1]
	}
	return p.Text("explain.moment", "day", t.Day(), "month", month, "time", t.Format("15:04"))
}

// worded makes texts of raw values; of a name that comes twice the first counts.
func (e Explanation) worded(args []any, p messages.Printer, loc *time.Location) []any {
	out := make([]any, 0, len(args))
	have := map[any]bool{}
	for i := 0; i+1 < len(args); i += 2 {
		if have[args[i]] {
			continue
		}
		have[args[i]] = true
		out = append(out, args[i], e.word(args[i], args[i+1], p, loc))
	}
	return out
}

func (e Explanation) word(name, v any, p messages.Printer, loc *time.Location) string {
	switch v := v.(type) {
	case money.Amount:
		return v.Text(p.Lang())
	case Units:
		return v.Text(p.Lang())
	case time.Time:
		return e.Moment(v, p, loc)
	case string:
		switch {
		case name == "site" && v == "":
			return p.Text("explain.site")
		case name == "status" && v == "":
			return string(exchanger.StatusNew)
		case v == "":
			return "—"
		}
		return v
	}
	return fmt.Sprint(v)
}

// Text writes the amount in the habit of a language, every digit of it, followed by the currency's symbol.
func (u Units) Text(lang string) string {
	return strings.TrimSpace(money.Number(money.Exact(u.Value, min(u.Decimals, 2)), lang) + "\u00a0" + u.Symbol)
}
