package sandbox

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestControlForPrograms(t *testing.T) {
	r := start(t, Config{})
	o := r.order("BTC", "USDTTRC20", "-25")
	uid := jsInt(o.UID)
	for _, tt := range []struct {
		name, path string
		form       url.Values
		want       int
	}{
		{"move", "/control/orders/" + uid + "/status", url.Values{"status": {"hold"}, "notify": {"1"}}, 200},
		{"move to what nobody knows", "/control/orders/" + uid + "/status", url.Values{"status": {"frozenByBank"}}, 200},
		{"move to nothing", "/control/orders/" + uid + "/status", url.Values{}, 422},
		{"move what is not there", "/control/orders/1/status", url.Values{"status": {"done"}}, 404},
		{"move what is no number", "/control/orders/x/status", url.Values{"status": {"done"}}, 404},
		{"edit", "/control/orders/" + uid + "/edit", url.Values{"in": {"0.5"}, "toValues[wallet]": {"Tother"}}, 200},
		{"edit with rubbish", "/control/orders/" + uid + "/edit", url.Values{"in": {"much"}}, 422},
		{"edit a field that is not there", "/control/orders/" + uid + "/edit", url.Values{"toValues[iban]": {"x"}}, 422},
		{"faults", "/control/faults", url.Values{"lose": {"1"}, "slow": {"0.2"}, "delay": {"2s"}}, 200},
		{"a fault that is none", "/control/faults", url.Values{"nothing": {"1"}}, 422},
		{"a duration that is none", "/control/faults", url.Values{"slow": {"soon"}}, 422},
		{"clock", "/control/clock", url.Values{"advance": {"2h"}}, 200},
		{"clock back", "/control/clock", url.Values{"advance": {"-2h"}}, 422},
		{"settings", "/control/settings", url.Values{"step": {"20ms"}}, 200},
		{"settings with rubbish", "/control/settings", url.Values{"life": {"0"}}, 422},
	} {
		resp, body := r.page("POST", tt.path, tt.form, "Accept", "application/json")
		if resp.StatusCode != tt.want || !json.Valid([]byte(body)) {
			t.Errorf("%s: %d %s", tt.name, resp.StatusCode, body)
		}
	}
	_, body := r.page("GET", "/control/orders.json", nil)
	var state struct {
		Offset string
		Orders []Order
		Faults Faults
	}
	if err := json.Unmarshal([]byte(body), &state); err != nil {
		t.Fatal(err)
	}
	got := state.Orders[0]
	if state.Offset != "2h0m0s" || !state.Faults.LoseNotifications || state.Faults.Slow != 200*time.Millisecond ||
		got.Status != StatusUnknown || !got.InAmount.Equal(dec("0.5")) || got.ToValues[0].Value != "Tother" || got.Secret != o.Secret {
		t.Errorf("%s", body)
	}
	if r.Settings().Step != 20*time.Millisecond || r.Settings().Life != time.Hour {
		t.Errorf("settings %+v", r.Settings())
	}
}

func TestFaultsByJSONReplaceOrMerge(t *testing.T) {
	r := start(t, Config{})
	post := func(path, body string) {
		t.Helper()
		req, _ := http.NewRequestWithContext(t.Context(), "POST", r.web.URL+path, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Fatalf("%s: %d", body, resp.StatusCode)
		}
	}
	post("/control/faults", `{"double":true,"slow":"2s","chance":50}`)
	post("/control/faults?merge=1", `{"slow":"","lose":true}`)
	if f := r.Faults(); !f.DoubleNotifications || !f.LoseNotifications || f.Slow != 0 || f.Chance != 50 {
		t.Errorf("merged: %+v", f)
	}
	post("/control/faults", `{"forge":true}`)
	if f := r.Faults(); f.DoubleNotifications || !f.ForgeNotifications {
		t.Errorf("replaced: %+v", f)
	}
}

func TestControlPageForPeople(t *testing.T) {
	r := start(t, Config{})
	if _, body := r.page("GET", "/control", nil); !strings.Contains(body, "No orders yet") {
		t.Error("an empty page does not say what to do")
	}
	for range shownOrders + 2 {
		r.order("BTC", "USDTTRC20", "-25")
	}
	resp, _ := r.page("POST", "/control/orders/1410/status", url.Values{"status": {"hold"}})
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "/control#order-1410" {
		t.Errorf("%d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	r.page("POST", "/control/faults", url.Values{"double": {"1"}})
	_, body := r.page("GET", "/control", nil)
	for _, word := range []string{"This is a rehearsal", "Everything off", "Send them twice", "frozenByBank", "+1 day", "Show more", "Reset the rehearsal"} {
		if !strings.Contains(body, word) {
			t.Errorf("no %q", word)
		}
	}
	for _, spec := range faultTable {
		if !strings.Contains(body, `name="`+spec.Key+`"`) {
			t.Errorf("no switch for %s", spec.Key)
		}
	}
	resp, body = r.page("POST", "/control/clock", url.Values{"advance": {"soon"}})
	if resp.StatusCode != 422 || !strings.Contains(body, `role="alert"`) {
		t.Errorf("a mistake is not told: %d", resp.StatusCode)
	}
}

func TestControlTellsOfChangesAtOnce(t *testing.T) {
	r := start(t, Config{})
	o := r.order("BTC", "USDTTRC20", "-25")
	resp, err := http.Get(r.web.URL + "/control/live")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func() string {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return text
			}
		}
		t.Fatal("the stream ended")
		return ""
	}
	first := next()
	r.Move(o.UID, StatusHold, false)
	if second := next(); second == first {
		t.Error("nothing changed")
	}
	r.Close() // ends the stream; the server's shutdown would wait for it
	for lines.Scan() {
	}
}
