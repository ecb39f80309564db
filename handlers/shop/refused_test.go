package shop_test

import (
	"net/url"
	"strings"
	"testing"

	"mostrador/sandbox"
)

// What the exchanger would not take stands beside its field, with everything else as it was typed; put right, the same order is paid.
func TestAValueThatTheExchangerRefusesComesBackBesideItsField(t *testing.T) {
	r := lite(t, nil)
	form := r.pay25(ids(0))
	wmz := r.get("/pay?amount=25").must(200).routeOf("WMZ")
	purse := ""
	for name := range r.post("/orders", url.Values{"source": {"amount"}, "amount": {"25"}, "route": {wmz}, "step": {"choose"}}).must(200).form("/orders") {
		if strings.HasPrefix(name, "fields[") {
			purse = name
		}
	}
	form["route"], form[purse] = []string{wmz}, []string{"Z123456789012"}
	r.sand.SetFaults(sandbox.Faults{RefuseCreate: "wallet_from"})
	p := r.post("/orders", form).must(422).has("does not take this value", "One thing to put right")
	wrong := p.elements("input", "aria-invalid", "true")
	if len(wrong) != 1 {
		t.Fatalf("%d fields are marked", len(wrong))
	}
	if name, _ := attr(wrong[0], "name"); name != purse {
		t.Errorf("%s is marked", name)
	}
	if _, focus := attr(wrong[0], "autofocus"); !focus {
		t.Error("it has not the focus")
	}
	again := p.form(r.lastOrder() + "/pay")
	if again.Get(purse) != "Z123456789012" || again.Get("agreement") != "1" || again.Get("route") != wmz {
		t.Errorf("what was typed is gone: %v", again)
	}
	r.sand.SetFaults(sandbox.Faults{})
	again.Set(purse, "Z210987654321")
	if to := r.post(r.lastOrder()+"/pay", again).must(303).header.Get("Location"); !strings.Contains(to, "/payment/") {
		t.Errorf("put right it leads to %s", to)
	}
	if n := r.orders(); n != 1 {
		t.Errorf("%d orders", n)
	}
}
