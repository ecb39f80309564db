package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/sandbox"
)

// exchanger is a sandbox in a process of its own, as a live shop sees it.
type exchanger struct {
	t   testing.TB
	url string
}

const ownWallet = "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC" // of nobody, but not the demo's, which live mode refuses

// newExchanger starts one and makes the shop's configuration use it.
func newExchanger(t testing.TB, shop *site) *exchanger {
	t.Helper()
	address := freePort(t)
	s := newSite(t, "SANDBOX__LISTEN", address, "SANDBOX__PUBLIC_URL", "http://"+address)
	e := &exchanger{t: t, url: s.start("sandbox").sandbox}
	e.control("settings", url.Values{"step": {"40ms"}})
	shop.set("EXCHANGER__MODE", "live", "EXCHANGER__SITES", fmt.Sprintf(`[{"name":"box","base_url":%q}]`, e.url),
		"PAYOUTS", fmt.Sprintf(`[{"currency":"USDTTRC20","rate":"1","values":{"wallet":%q}}]`, ownWallet),
		"EXCHANGER__CALLS_PER_SECOND", "200", "EXCHANGER__POLL", `{"watched":"1s","first":"1s","max":"2s"}`)
	address = freePort(t)
	shop.set("SERVER__LISTEN", address, "SERVER__PUBLIC_URL", "http://"+address)
	return e
}

// control plays the exchanger's administrator.
func (e *exchanger) control(what string, form url.Values) {
	e.t.Helper()
	req, err := http.NewRequest(http.MethodPost, e.url+"/control/"+what, strings.NewReader(form.Encode()))
	if err != nil {
		e.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		e.t.Fatalf("%s: %d %s", what, resp.StatusCode, body)
	}
}

// orders are the exchanger's, and how many notifications wait.
func (e *exchanger) orders() (list []sandbox.Order, pending int) {
	e.t.Helper()
	resp, err := client.Get(e.url + "/control/orders.json")
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	var all struct {
		Orders  []sandbox.Order `json:"orders"`
		Pending int             `json:"pending_notifications"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		e.t.Fatal(err)
	}
	return all.Orders, all.Pending
}

// route finds the exchanger's id of a route by the currencies' codes.
func (e *exchanger) route(from, to string) string {
	e.t.Helper()
	resp, err := client.Get(e.url + "/service/api/v1/public/exchanger/route/get")
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	var all struct {
		Data struct {
			Routes []struct {
				ID   string `json:"routeId"`
				From struct{ XML string }
				To   struct{ XML string }
			}
		} `json:"data"`
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		e.t.Fatalf("%v in %.300s", err, raw)
	}
	for _, r := range all.Data.Routes {
		if r.From.XML == from && r.To.XML == to {
			return r.ID
		}
	}
	e.t.Fatalf("no route from %s to %s in %.300s", from, to, raw)
	return ""
}

// purchase is one attempt of a customer to pay 25 dollars with litecoin.
type purchase struct {
	attempt string
	form    url.Values
	next    string // where the shop sent the customer; "" while there was no answer
	uid     string // of the exchange order, when that was the exchanger's page
}

func newPurchase(route string) *purchase {
	p := &purchase{attempt: rand.Text()}
	p.form = url.Values{"source": {"amount"}, "amount": {"25"}, "route": {route}, "email": {"maria@example.com"}, "agreement": {"1"}, "attempt": {p.attempt}}
	return p
}

// send posts the form. ok is false when there was no answer, or one that asks for another try.
func (p *purchase) send(shop string) (ok bool, err error) {
	resp, err := client.PostForm(shop+"/orders", p.form)
	if err != nil {
		return false, nil //nolint:nilerr // the shop is down: the customer presses the button again
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	switch {
	case resp.StatusCode == http.StatusServiceUnavailable:
		return false, nil
	case resp.StatusCode != http.StatusSeeOther:
		return false, fmt.Errorf("POST /orders: %d %s", resp.StatusCode, text(string(body)))
	}
	p.next = resp.Header.Get("Location")
	if u, err := url.Parse(p.next); err == nil && strings.Contains(u.Path, "/payment/") {
		p.uid = strings.Split(strings.Trim(u.Path, "/"), "/")[2]
	}
	return true, nil
}

// text is a page without its tags, to be printed by a test that failed.
func text(page string) string {
	var b strings.Builder
	in := false
	for _, r := range page {
		switch {
		case r == '<':
			in = true
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	s := strings.Join(strings.Fields(b.String()), " ")
	return s[:min(len(s), 1500)]
}

// open looks into the shop's database beside the running shop.
func (s *site) open() *models.Store {
	s.t.Helper()
	vault, err := models.OpenKeyFile(s.path("data/secret.key"), false)
	if err != nil {
		s.t.Fatal(err)
	}
	address := s.env["DATABASE__URL"]
	if address == "" {
		address = "sqlite:" + s.path("data/mostrador.db")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	store, err := models.Open(ctx, address, models.Options{Vault: vault})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { store.Close() })
	return store
}

// allPayments reads every payment.
func allPayments(t testing.TB, store *models.Store) []models.Payment {
	t.Helper()
	var all []models.Payment
	for after := int64(0); ; after = all[len(all)-1].ID {
		list, err := store.PaymentsAfter(t.Context(), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return all
		}
		all = append(all, list...)
	}
}
