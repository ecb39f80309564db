package sandbox

import (
	"regexp"
	"testing"
)

func TestCatalogueHasWhatARehearsalNeeds(t *testing.T) {
	c := newCatalogue()
	if len(c.from) < 14 || len(c.to) < 2 {
		t.Fatalf("%d currencies in, %d out", len(c.from), len(c.to))
	}
	hex24 := regexp.MustCompile(`^[0-9a-f]{24}$`)
	seen := map[string]bool{}
	unique := func(id, what string) {
		if !hex24.MatchString(id) || seen[id] {
			t.Errorf("%s has the id %q", what, id)
		}
		seen[id] = true
	}
	for _, cur := range c.from {
		unique(cur.OID, cur.Code)
		for _, list := range [][]field{cur.FromFields, cur.ToFields, cur.RouteFields} {
			for _, f := range list {
				unique(f.OID, cur.Code+"."+f.ID)
			}
		}
		if _, err := files.ReadFile("static/icons/" + cur.Icon + ".svg"); err != nil {
			t.Errorf("%s: %v", cur.Code, err)
		}
		if len(cur.account()) < 12 {
			t.Errorf("%s: account %q", cur.Code, cur.account())
		}
		if cur.Max.IsPositive() && cur.Max.LessThan(cur.Min) {
			t.Errorf("%s: maximum under minimum", cur.Code)
		}
	}
	for _, r := range c.routes {
		unique(r.ID, r.Friendly)
		if r.From == r.To {
			t.Errorf("route from %s to itself", r.From.Code)
		}
		if len(r.Friendly) > 90 {
			t.Errorf("%s is too long", r.Friendly)
		}
	}
}

// One of each kind that a client has to be ready for.
func TestCatalogueExercisesClients(t *testing.T) {
	c := newCatalogue()
	kinds := map[string]bool{}
	for _, cur := range c.from {
		kinds["hidden"] = kinds["hidden"] || cur.Hidden
		kinds["without reserve"] = kinds["without reserve"] || cur.Dry
		kinds["verification above an amount"] = kinds["verification above an amount"] || cur.Verify && cur.VerifyAbove.IsPositive()
		kinds["a memo"] = kinds["a memo"] || cur.tag != nil
		kinds["discounts"] = kinds["discounts"] || len(cur.Discounts) > 0
		kinds["a flat fee"] = kinds["a flat fee"] || cur.Fee.IsPositive()
		kinds["no maximum"] = kinds["no maximum"] || cur.Max.IsZero()
		kinds["decimals not told"] = kinds["decimals not told"] || cur.Decimals < 0
		kinds["eighteen decimals"] = kinds["eighteen decimals"] || cur.Decimals == 18
		kinds["automatic payment"] = kinds["automatic payment"] || cur.Pay == payMerchant
		kinds["payment in words"] = kinds["payment in words"] || cur.Pay == payText
		kinds["payment in steps"] = kinds["payment in steps"] || cur.Pay == paySteps
		kinds["route fields"] = kinds["route fields"] || len(cur.RouteFields) > 0
		for _, f := range cur.FromFields {
			_, err := regexp.Compile(f.Pattern)
			kinds["a pattern that RE2 refuses"] = kinds["a pattern that RE2 refuses"] || err != nil
			kinds["an optional field"] = kinds["an optional field"] || !f.Required
		}
	}
	for kind, there := range kinds {
		if !there {
			t.Errorf("no currency with %s", kind)
		}
	}
	if !c.byXML("XMR", "WMZ").From.FromFields[0].valid(moneroAddress()) {
		t.Error("the odd pattern refuses a Monero address")
	}
	if !c.byXML("BTC", "USDTTRC20").To.ToFields[0].valid(tronWallet) {
		t.Error("the wallet pattern refuses a TRON address")
	}
}

func TestEveryLanguageHasEveryText(t *testing.T) {
	for _, lang := range languages {
		for key, text := range allTexts["en"] {
			if allTexts[lang][key] == "" {
				t.Errorf("%s: %s is missing", lang, key)
			}
			if verbs(text) != verbs(allTexts[lang][key]) {
				t.Errorf("%s: %s takes other arguments: %s", lang, key, allTexts[lang][key])
			}
		}
		for key := range allTexts[lang] {
			if _, ok := allTexts["en"][key]; !ok {
				t.Errorf("%s: %s is not in English", lang, key)
			}
		}
		for _, status := range Statuses[:10] {
			if allTexts[lang].statusWord(status) == status || allTexts[lang].statusSentence(status) == "" {
				t.Errorf("%s: no words for %s", lang, status)
			}
		}
	}
}

func verbs(text string) string {
	out := ""
	for _, m := range regexp.MustCompile(`%.`).FindAllString(text, -1) {
		out += m
	}
	return out
}
