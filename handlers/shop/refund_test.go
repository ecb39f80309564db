package shop_test

import (
	"net/url"
	"strings"
	"testing"

	"mostrador/checkout"
)

func TestACustomerAsksForTheMoneyBack(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		order := r.placed(r.pay25(ids(1)))
		if to := r.get(order + "/refund").must(303).header.Get("Location"); to != order {
			t.Errorf("before any money came the form leads to %s", to)
		}
		r.post(order+"/refund", url.Values{"address": {"bc1qnr2sjnkj3wgqu2t5s8lu5qpfmww2um5fc8e4uf"}, "network": {"Bitcoin"}}).must(409)
		r.pays("less")
		p := r.shows(order, "of it is missing")
		ask := r.get(p.link("Ask for the money back")).must(200).has("Where shall the money go?", "Your BTC address")
		form := ask.form(order + "/refund")
		if form.Get("network") != "Bitcoin" {
			t.Errorf("the network is %q", form.Get("network"))
		}
		for _, tt := range []struct {
			set         url.Values
			field, says string
		}{
			{url.Values{}, "address", "An address is needed"},
			{url.Values{"address": {"0x52908400098527886E0F7030069857D2E4169EE7"}}, "address", "does not look like an address of that network"},
			{url.Values{"address": {strings.Repeat("b", 201)}}, "address", "does not look like"},
			{url.Values{"address": {"0x52908400098527886E0F7030069857D2E4169EE7"}, "network": {"bitcoin"}}, "address", "does not look like an address of that network"},
			{url.Values{"reason": {"\x00"}, "address": {"bc1qnr2sjnkj3wgqu2t5s8lu5qpfmww2um5fc8e4uf"}}, "reason", "cannot be kept"},
			{url.Values{"address": {"bc1q n"}, "network": {"Other"}}, "address", "does not look like"},
			{url.Values{"address": {"bc1qnr2sjnkj3wgqu2t5s8lu5qpfmww2um5fc8e4uf"}, "network": {""}}, "network", "Name the network"},
			{url.Values{"address": {"bc1qnr2sjnkj3wgqu2t5s8lu5qpfmww2um5fc8e4uf"}, "network": {"Other"}, "reason": {strings.Repeat("why ", 200)}}, "reason", "too long"},
		} {
			typed := url.Values{"address": {""}, "network": {"Bitcoin"}, "reason": {"changed my mind"}}
			for k, v := range tt.set {
				typed[k] = v
			}
			back := r.post(order+"/refund", typed).must(422).has(tt.says)
			marked := append(back.elements("input", "aria-invalid", "true"), back.elements("textarea", "aria-invalid", "true")...)
			if len(marked) != 1 {
				t.Fatalf("%v: %d fields are marked", tt.set, len(marked))
			}
			if id, _ := attr(marked[0], "id"); id != tt.field {
				t.Errorf("%v: %s is marked", tt.set, id)
			}
			if got := back.form(order + "/refund"); got.Get("address") != strings.TrimSpace(typed.Get("address")) || got.Get("network") != typed.Get("network") || !strings.Contains(back.body, typed.Get("reason")+"</textarea>") {
				t.Errorf("%v: what was typed is gone: %v", tt.set, got)
			}
		}
		good := url.Values{"address": {"bc1qnr2sjnkj3wgqu2t5s8lu5qpfmww2um5fc8e4uf"}, "network": {"Bitcoin"}, "reason": {"changed my mind"}}
		for range 2 { // pressed twice
			r.post(order+"/refund", good).must(303)
		}
		p = r.get(order).must(200).has("You asked for your money back. The shop answers here.", "Money asked back", "You asked for the money back", "bc1qnr…e4uf (Bitcoin)").hasNot("Pay the ", "is missing", "The rest", "counts towards this order", "bc1qnr2sjnkj3wgqu2t5s8lu5qpfmww2um5fc8e4uf", order+"/refund")
		o, err := r.store.OrderByID(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		list, err := r.store.Refunds(t.Context(), o.ID)
		if err != nil || len(list) != 1 || list[0].State != checkout.RefundAsked || list[0].Reason != "changed my mind" || list[0].Currency != "BTC" {
			t.Fatalf("%+v %v", list, err)
		}
		if address, err := r.store.Vault().RefundAddress(&list[0]); err != nil || address != good.Get("address") {
			t.Errorf("the address is %q: %v", address, err)
		}
		l, err := r.svc.Look(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if last := l.Events[len(l.Events)-1]; last.Kind != "refund_asked" || last.Source != checkout.FromPerson || last.Who != checkout.ByCustomer {
			t.Errorf("the log ends with %+v", last)
		}
		for _, answer := range []struct {
			checkout.RefundAnswer
			says []string
		}{
			{checkout.RefundAnswer{Answer: "The goods are on their way already"}, []string{"We did not send the money back", "The goods are on their way already", "Ask for the money back"}},
			{checkout.RefundAnswer{Sent: true, Amount: "0.0001", Currency: "BTC", Reference: "tx 9f"}, []string{"We sent 0.0001\u00a0BTC back to you", "tx 9f"}},
		} {
			if err := r.svc.AnswerRefund(t.Context(), o.ID, list[len(list)-1].PublicID, answer.RefundAnswer, "owner"); err != nil {
				t.Fatal(err)
			}
			r.get(order).must(200).has(answer.says...)
			if answer.Sent {
				break
			}
			r.post(order+"/refund", good).must(303) // who was refused may ask again
			if list, err = r.store.Refunds(t.Context(), o.ID); err != nil || len(list) != 2 {
				t.Fatalf("%+v %v", list, err)
			}
		}
		if strings.Contains(r.log.String(), good.Get("address")) {
			t.Error("the log has the address")
		}
	})
}

func TestAnOrderWhoseMoneyAllWentBackSaysSo(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		order := r.placed(r.pay25(ids(1)))
		r.pays("full")
		r.shows(order, "Paid. Thank you")
		sent := func(amount string) {
			t.Helper()
			if _, err := r.svc.Refund(t.Context(), 1, checkout.RefundInput{Amount: amount, Currency: "USD", Reference: "tx " + amount}, "owner"); err != nil {
				t.Fatal(err)
			}
		}
		sent("10")
		r.get(order).must(200).has("Paid. Thank you", "back to you")
		sent("15")
		r.get(order).must(200).has("Your money was sent back.", "Money sent back", "Sent back").hasNot("Paid. Thank you")
	})
}
