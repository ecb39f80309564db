package checkout

import (
	"slices"
	"strings"
	"time"

	"mostrador/messages"
)

type failing interface {
	Helper()
	Fatalf(string, ...any)
}

// explained wants a known cause and whole sentences in every language.
func explained(t failing, e Explanation) {
	t.Helper()
	if !slices.Contains(Causes, e.Cause) {
		t.Fatalf("unknown cause %q", e.Cause)
	}
	for _, lang := range messages.Languages {
		p := messages.For(lang)
		said := []string{e.Sentence(p, false, time.UTC), e.Sentence(p, true, time.UTC), e.WhoText(p, false), e.WhoText(p, true)}
		for _, v := range e.Evidence {
			said = append(said, e.EvidenceText(v, p, time.UTC))
		}
		for _, s := range said {
			if s == "" || strings.ContainsAny(s, "{}⟦⟧") {
				t.Fatalf("%s in %s says %q", e.Cause, lang, s)
			}
		}
	}
}
