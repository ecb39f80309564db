package shop

import (
	"slices"
	"testing"

	"mostrador/messages"
	"mostrador/views"
)

func TestStateOf(t *testing.T) {
	cases := []struct {
		name string
		in   Situation
		want State
	}{
		{"an order without payment asks for a currency", Situation{Order: "open"}, StateChoose},
		{"the exchanger is being asked", Situation{Order: "open", Phase: "creating"}, StateStarting},
		{"new waits like waitPayment", Situation{Order: "open", Payment: "new"}, StateWaiting},
		{"waitPayment waits", Situation{Order: "open", Payment: "waitPayment"}, StateWaiting},
		{"told but not seen", Situation{Order: "open", Payment: "waitPayment", Told: true}, StateTold},
		{"the rate moved", Situation{Order: "open", Payment: "waitPayment", Moved: true}, StateMoved},
		{"the exchanger is silent before anything was seen", Situation{Order: "open", Payment: "waitPayment", Silent: true}, StateSilent},
		{"the time to pay ran out, and the order is not closed yet", Situation{Order: "open", Payment: "waitPayment", Over: true, Moved: true}, StateClosing},
		{"money that was seen in time is not over", Situation{Order: "pending", Payment: "inProgress", Over: true}, StateExchanging},
		{"a refusal is a refusal also while the exchanger is silent", Situation{Order: "open", Phase: "refused", Silent: true}, StateRefused},
		{"unclear", Situation{Order: "open", Phase: "unclear"}, StateUnclear},
		{"errorPayment", Situation{Order: "open", Payment: "errorPayment"}, StateFailed},
		{"deleted while the order is open", Situation{Order: "open", Payment: "deleted"}, StateClosedThere},
		{"seen before the order knows", Situation{Order: "open", Payment: "inProgress"}, StateExchanging},
		{"exchanging", Situation{Order: "pending", Payment: "inProgress"}, StateExchanging},
		{"exchanging, the exchanger is silent", Situation{Order: "pending", Payment: "inProgress", Silent: true}, StateSilentSeen},
		{"paying out", Situation{Order: "pending", Payment: "inProgressPayout"}, StatePayout},
		{"payout is stuck", Situation{Order: "pending", Payment: "errorPayout"}, StateStuck},
		{"hold", Situation{Order: "pending", Payment: "hold"}, StateHold},
		{"paid", Situation{Order: "paid", Payment: "done"}, StatePaid},
		{"paid late and over is late", Situation{Order: "paid", Payment: "done", Flags: []string{"over", "late"}}, StatePaidLate},
		{"paid over", Situation{Order: "paid", Payment: "done", Flags: []string{"over"}}, StatePaidOver},
		{"too little, and the rest is still taken", Situation{Order: "underpaid", Payment: "done"}, StateUnderpaid},
		{"paid, and all of it went back", Situation{Order: "paid", Payment: "done", Flags: []string{"over"}, Gone: true}, StateRefunded},
		{"too little, and it goes back", Situation{Order: "underpaid", Payment: "done", Back: true}, StateGivenBack},
		{"the rest is on its way", Situation{Order: "underpaid", Payment: "inProgress", Moving: true}, StateRestSeen},
		{"closed and nothing came", Situation{Order: "expired", Payment: "deleted"}, StateExpired},
		{"money comes after closing", Situation{Order: "expired", Payment: "inProgress", Moving: true}, StateLateSeen},
		{"money comes after cancelling", Situation{Order: "cancelled", Payment: "hold", Moving: true}, StateLateSeen},
		{"a review with a reason", Situation{Order: "review", Reason: "double"}, StateReviewDouble},
		{"a review because the goods are gone", Situation{Order: "review", Reason: "out_of_stock"}, StateReviewStock},
		{"a review without a known reason", Situation{Order: "review", Reason: "other_currency"}, StateReview},
		{"a status that nobody knows", Situation{Order: "something"}, StateReview},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := StateOf(c.in); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// Every order status with every payment status says something, in every language, and shows exactly one live step while something is under way.
func TestEveryCombinationSpeaks(t *testing.T) {
	payments := []string{"", "new", "waitPayment", "errorPayment", "inProgress", "inProgressPayout", "errorPayout", "hold", "done", "returned", "deleted", "newStatus"}
	for _, order := range []string{"open", "pending", "paid", "underpaid", "returned", "cancelled", "expired", "review"} {
		for _, payment := range payments {
			for _, silent := range []bool{false, true} {
				s := StateOf(Situation{Order: order, Payment: payment, Silent: silent})
				if !slices.Contains(States, s) {
					t.Fatalf("%s with %s is %q, which is no state", order, payment, s)
				}
			}
		}
	}
	for _, lang := range messages.Languages {
		p := messages.For(lang)
		for _, s := range States {
			for _, mail := range []bool{true, false} {
				v := OrderView{Number: "1042", Page: views.Page{Shop: views.Shop{Name: "Almendra"}}}
				v.Say(p, s, mail)
				if v.Title == "" || v.Lead == "" || v.Chip.Word == "" || v.Chip.Tone == "" || !views.HasIcon(v.Chip.Icon) || v.StepsTone == "" {
					t.Errorf("%s %s: not everything is said: %+v", lang, s, v)
				}
				if v.Page.Title != v.Chip.Word+" · "+p.Text("order.title", "number", "1042")+" · Almendra" {
					t.Errorf("%s %s: the window says %q", lang, s, v.Page.Title)
				}
				for _, n := range v.Notes {
					if !views.HasIcon(n.Icon) || n.Title == "" {
						t.Errorf("%s %s: a note without icon or title", lang, s)
					}
				}
			}
			now := 0
			for _, step := range StepsOf(p, s, Times{}) {
				if step.State == StepNow {
					now++
				}
			}
			over := slices.Contains([]State{StatePaid, StatePaidLate, StatePaidOver, StateRefunded, StateExpired, StateCancelled, StateReturned}, s)
			if over && now != 0 || !over && now != 1 {
				t.Errorf("%s has %d live steps", s, now)
			}
		}
	}
}

func TestArrangeKeepsACardInSight(t *testing.T) {
	list := []Route{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d", Bank: true, Why: "from 1"}, {ID: "e", Bank: true}, {ID: "f"}, {ID: "g", Bank: true}}
	top, more := Arrange(list, 3)
	ids := ""
	for _, r := range append(top, more...) {
		ids += r.ID
	}
	if len(top) != 3 || ids != "abecfgd" {
		t.Errorf("%d in sight of %s", len(top), ids)
	}
}

func TestArrange(t *testing.T) {
	list := []Route{{ID: "a"}, {ID: "b", Why: "from 1"}, {ID: "c"}, {ID: "d", Last: true}, {ID: "e"}, {ID: "f"}, {ID: "g"}}
	ids := func(rs []Route) (s string) {
		for _, r := range rs {
			s += r.ID
		}
		return s
	}
	if top, more := Arrange(list, 3); ids(top) != "dac" || ids(more) != "efgb" {
		t.Errorf("got %s and %s", ids(top), ids(more))
	}
	if top, more := Arrange(list[:4], 3); ids(top) != "dacb" || more != nil {
		t.Errorf("a single one left over is shown: got %s and %s", ids(top), ids(more))
	}
}
