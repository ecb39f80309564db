package checkout

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// moves are all changes of an order's status that histories lead to, persons' decisions included, each with how often it was met.
func moves() map[string]int {
	met := map[string]int{}
	for seed := range 12000 {
		s := sagas.Example(seed)
		w := newWalk(s, ours)
		from := w.order.Status
		note := func() {
			if w.order.Status != from {
				met[from+" → "+w.order.Status]++
				from = w.order.Status
			}
		}
		for i, a := range s.Reached {
			switch {
			case i == s.Close && w.order.Status == Open:
				w.order.Closed = []string{Expired, Cancelled}[seed%2]
				w.concluded()
			case seed%3 == 0 && w.order.Status == Underpaid:
				accept(&w.order, Underpaid)
				w.concluded()
			case seed%5 == 0 && w.order.Status == Review:
				accept(&w.order, w.order.ReviewReason)
				w.concluded()
			}
			note()
			w.arrive(a)
			note()
		}
	}
	return met
}

var (
	arrow = regexp.MustCompile(`(?m)^    (\w+) --> (\w+)`)
	row   = regexp.MustCompile("(?m)^\\| `(\\w+)` → `(\\w+)` \\|")
)

// TestTheDrawnStatesAreTheRealOnes compares docs/truth.md with what conclude does: every arrow and row is met, and everything met stands there.
func TestTheDrawnStatesAreTheRealOnes(t *testing.T) {
	raw, err := os.ReadFile("../docs/truth.md")
	if err != nil {
		t.Fatal(err)
	}
	_, doc, ok := strings.Cut(string(raw), "## The states of an order")
	if !ok {
		t.Fatal("docs/truth.md has no states")
	}
	doc, _, _ = strings.Cut(doc, "\n## ")
	drawn := map[string]bool{}
	for _, m := range append(arrow.FindAllStringSubmatch(doc, -1), row.FindAllStringSubmatch(doc, -1)...) {
		if drawn[m[1]+" → "+m[2]] {
			t.Errorf("%s → %s stands there twice", m[1], m[2])
		}
		drawn[m[1]+" → "+m[2]] = true
	}
	met := moves()
	for _, m := range slices.Sorted(maps.Keys(met)) {
		if !drawn[m] {
			t.Errorf("%s happens (%d times) and is not in the document", m, met[m])
		}
	}
	for _, d := range slices.Sorted(maps.Keys(drawn)) {
		if met[d] == 0 {
			t.Errorf("%s is in the document and never happens", d)
		}
	}
}
