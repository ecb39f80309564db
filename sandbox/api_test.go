package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestRouteListAsThePlatformGivesIt(t *testing.T) {
	r := start(t, Config{PublicURL: "http://localhost:8090"})
	for _, name := range []string{"public/exchanger/route/get", "public/exchanger/route-v2/get"} {
		a := r.api("GET", name, nil)
		routes := a.Data["routes"].([]any)
		if len(routes) != len(r.cat.routes) {
			t.Fatalf("%s: %d routes", name, len(routes))
		}
		if !regexp.MustCompile(`^\d{13}-\w{7}$`).MatchString(a.RequestID) {
			t.Errorf("requestId %q", a.RequestID)
		}
		hidden, numbers, texts := 0, 0, 0
		for _, item := range routes {
			route := item.(map[string]any)
			if route["isShowWeb"] == false {
				hidden++
			}
			switch route["rate"].(map[string]any)["in"].(type) {
			case json.Number:
				numbers++
			case string:
				texts++
			}
			image := route["from"].(map[string]any)["image"].(string)
			resp, body := r.page("GET", strings.TrimPrefix(image, "http://localhost:8090"), nil)
			if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "image/svg+xml") || !strings.Contains(body, "<svg") {
				t.Errorf("icon %s: %d", image, resp.StatusCode)
			}
		}
		if hidden == 0 || numbers == 0 || texts == 0 {
			t.Errorf("%d hidden, %d numbers, %d texts", hidden, numbers, texts)
		}
	}
	wmz := r.cat.currency("WMZ").OID
	if routes := r.api("GET", "public/exchanger/route/get?toCurrencyId="+wmz, nil).Data["routes"].([]any); len(routes) != len(r.cat.from)-1 {
		t.Errorf("to WMZ: %d routes", len(routes))
	}
	btc := r.cat.currency("BTC").OID
	if routes := r.api("GET", "public/exchanger/route/get?fromCurrencyId="+btc+"&toCurrencyId="+wmz, nil).Data["routes"].([]any); len(routes) != 1 {
		t.Errorf("BTC to WMZ: %d routes", len(routes))
	}
}

func TestOneRouteFoundInThreeWays(t *testing.T) {
	r := start(t, Config{})
	r.SetFaults(Faults{RatesStill: true})
	id := r.cat.byXML("XRP", "WMZ").ID
	var first string
	for _, query := range []string{"?id=" + id + "&lang=en", "/by-xml?xmlIn=XRP&xmlOut=WMZ&lang=ru", "/by-friendlyURL?friendlyURL=xrp-to-wmz"} {
		a := r.api("GET", "public/exchanger/route/get/one"+query, nil)
		text, _ := json.Marshal(a.Data)
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Errorf("%s: another answer: %s", query, text)
		}
	}
	for _, member := range []string{`"min"`, `"max"`, `"decimal"`, `"fields"`, `"discounts"`, `"outFeeAmount"`, `"rateFullNumber"`, `"requiredVerificationUser"`, `"instructions"`, `##en##`} {
		if !strings.Contains(first, member) {
			t.Errorf("no %s in %s", member, first)
		}
	}
	for _, query := range []string{"?id=000000000000000000000000", "/by-xml?xmlIn=BTC&xmlOut=BTC", "/by-friendlyURL?friendlyURL=" + strings.Repeat("x", 91)} {
		if a := r.api("GET", "public/exchanger/route/get/one"+query, nil); a.Success {
			t.Errorf("%s: found %s", query, a.Raw)
		}
	}
}

func TestCreateInBothNotations(t *testing.T) {
	r := start(t, Config{})
	rt := r.cat.byXML("SEPAEUR", "USDTTRC20")
	form := url.Values{
		"routeId": {rt.ID}, "amount": {"-100"}, "agreement": {"true"}, "hideOutData": {"true"}, "lang": {"ru"},
		"toValues[0][key]": {"wallet"}, "toValues[0][value]": {tronWallet}, // by name, as some exchangers have it
		"routeValues[0][key]": {rt.From.RouteFields[0].OID}, "routeValues[0][value]": {"José Núñez"},
		"ipnUrl": {r.shop.URL}, "ipnSecret": {"s"}, "clientCallbackUrl": {"https://shop.example/"},
	}
	a := r.api("POST", "public/exchanger/order/create", form)
	if !a.Success {
		t.Fatalf("%s", a.Raw)
	}
	o := r.one(a.Data["uid"].(json.Number).String())
	if !o.OutAmount.Equal(dec("100")) || !o.HideOutData || o.Lang != "ru" || o.RouteValues[0].Value != "José Núñez" || o.ToValues[0].Value != tronWallet {
		t.Errorf("order %+v", o)
	}
	if len(o.ID) != 24 || len(o.Secret) != 24 || a.Data["secret"] != o.Secret || a.Data["_id"] != o.ID || o.UID != firstUID {
		t.Errorf("ids %s", a.Raw)
	}
	wish := r.wish("BTC", "USDTTRC20", "0.001")
	wish["toValues"] = map[string]any{"0": map[string]any{"key": "wallet", "value": tronWallet}}
	wish["agreement"] = "1"
	if a := r.api("POST", "public/exchanger/order/create", wish); !a.Success || !r.Orders()[0].InAmount.Equal(dec("0.001")) {
		t.Errorf("positive amount: %s", a.Raw)
	}
	if got := r.Orders()[0].History; len(got) != 2 || got[0].Status != StatusNew || got[1].Status != StatusWaitPayment {
		t.Errorf("history %+v", got)
	}
}

func TestCreateRefusesWhatDoesNotFit(t *testing.T) {
	r := start(t, Config{})
	for _, tt := range []struct {
		name, from, to, amount string
		change                 func(map[string]any)
		code, object           string // object: fieldId err type
	}{
		{"unknown route", "BTC", "WMZ", "-25", func(w map[string]any) { w["routeId"] = "x" }, "6231546409213868", ""},
		{"hidden route", "ADA", "WMZ", "-25", nil, "6231546409213868", ""},
		{"no agreement", "BTC", "WMZ", "-25", func(w map[string]any) { w["agreement"] = false }, "6231546409213868", ""},
		{"no amount", "BTC", "WMZ", "0", nil, "6231546409213868", "amount required amount"},
		{"amount no number", "BTC", "WMZ", "0", func(w map[string]any) { w["amount"] = "NaN" }, "6231546409213868", ""},
		{"amount out of range", "BTC", "WMZ", "0", func(w map[string]any) { w["amount"] = "1e99" }, "6231546409213868", ""},
		{"under the minimum", "BTC", "WMZ", "-1", nil, "6231546409213868", "amount min amount"},
		{"over the maximum", "BTC", "USDTTRC20", "5", nil, "6231546409213868", "amount max amount"},
		{"over the reserve", "BTC", "WMZ", "-23411", nil, "6231546409213868", "amount reserve amount"},
		{"no reserve at all", "DASH", "WMZ", "-25", nil, "6231546409213868", "amount reserve amount"},
		{"wallet missing", "BTC", "WMZ", "-25", func(w map[string]any) { delete(w, "toValues") }, "6231546409213868", "wallet required toValues"},
		{"wallet wrong", "BTC", "WMZ", "-25", func(w map[string]any) {
			w["toValues"] = []any{map[string]any{"key": "wallet", "value": "Z1"}}
		}, "6231546409213868", "wallet regexp toValues"},
		{"payer's field missing", "CARDUSD", "WMZ", "-25", nil, "6231546409213868", "card required fromValues"},
		{"odd pattern is still checked", "XMR", "WMZ", "-25", func(w map[string]any) {
			w["fromValues"] = []any{map[string]any{"key": "refund_wallet", "value": "4abc"}}
		}, "6231546409213868", "refund_wallet regexp fromValues"},
		{"route field missing", "BANKUSD", "WMZ", "-250", nil, "6231546409213868", "holder required routeValues"},
		{"verification above the bound", "SEPAEUR", "WMZ", "-900", func(w map[string]any) {
			w["routeValues"] = []any{map[string]any{"key": "holder", "value": "Ana Ruiz"}}
		}, "5001670807585394", ""},
		{"callback of another scheme", "BTC", "WMZ", "-25", func(w map[string]any) { w["clientCallbackUrl"] = "javascript:alert(1)" }, "6231546409213868", ""},
		{"ipnUrl without a host", "BTC", "WMZ", "-25", func(w map[string]any) { w["ipnUrl"] = "http:///x" }, "6231546409213868", ""},
		{"values are no list", "BTC", "WMZ", "-25", func(w map[string]any) { w["toValues"] = []any{"x"} }, "6231546409213868", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wish := r.wish(tt.from, tt.to, tt.amount)
			if tt.change != nil {
				tt.change(wish)
			}
			a := r.api("POST", "public/exchanger/order/create", wish)
			object := ""
			if o := a.Error.Object; o != nil {
				object = o.FieldID + " " + o.Err + " " + o.Type
			}
			if a.Success || a.Error.Code.String() != tt.code || object != tt.object {
				t.Errorf("answered %s", a.Raw)
			}
		})
	}
	if n := len(r.Orders()); n != 0 {
		t.Errorf("%d orders were made", n)
	}
}

func TestGetShowsHowToPayInThreeWays(t *testing.T) {
	r := start(t, Config{})
	details := func(o Order) map[string]any {
		return r.get(o)["route"].(map[string]any)["from"].(map[string]any)["paymentDetails"].(map[string]any)
	}
	xrp := r.order("XRP", "WMZ", "-25")
	d := details(xrp)
	data := d["merchant"].(map[string]any)["data"].(map[string]any)
	if d["merchantEnabled"] != true || data["address"] != xrp.Account || data["destinationTag"] != xrp.Tag || xrp.Tag == "" {
		t.Errorf("automatic: %v", d)
	}
	ton := r.order("TON", "WMZ", "-25")
	if d := details(ton); d["merchantEnabled"] != false || d["commentTemplate"] != ton.Tag || d["account"] != ton.Account || d["showStepComment"] != true {
		t.Errorf("steps: %v", d)
	}
	wish := r.wish("XMR", "WMZ", "-25")
	wish["fromValues"] = []any{map[string]any{"key": "refund_wallet", "value": moneroAddress()}}
	if a := r.api("POST", "public/exchanger/order/create", wish); !a.Success {
		t.Fatalf("%s", a.Raw)
	}
	if d := details(r.Orders()[0]); d["manualPaymentTextEnabled"] != true || !strings.Contains(d["manualPaymentText"].(string), "[[account]]") {
		t.Errorf("words: %v", d)
	}
	for _, query := range []string{"orderUID=1409&orderSecret=wrong", "orderUID=x&orderSecret=" + xrp.Secret, "orderUID=1410&orderSecret=" + xrp.Secret, ""} {
		if a := r.api("GET", "public/exchanger/order/get?"+query, nil); a.Success {
			t.Errorf("%q opens an order", query)
		}
	}
}

func TestUpdateStatusOnlyWhileWaiting(t *testing.T) {
	r := start(t, Config{})
	for _, tt := range []struct {
		name, at, to string
		ok           bool
	}{
		{"I have paid", StatusWaitPayment, StatusInProgress, true},
		{"I have paid, from new", StatusNew, StatusInProgress, true},
		{"cancel", StatusWaitPayment, StatusDeleted, true},
		{"never done", StatusWaitPayment, StatusDone, false},
		{"never inProgressPayout", StatusWaitPayment, StatusInProgressPayout, false},
		{"never hold", StatusNew, StatusHold, false},
		{"not twice", StatusInProgress, StatusInProgress, false},
		{"not after the end", StatusDone, StatusDeleted, false},
		{"no cancel once paid", StatusInProgress, StatusDeleted, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := r.order("BTC", "WMZ", "-25")
			r.Move(o.UID, tt.at, false)
			a := r.api("PUT", "public/exchanger/order/update-status", map[string]any{"orderUID": o.UID, "orderSecret": o.Secret, "status": tt.to})
			if a.Success != tt.ok {
				t.Fatalf("%s", a.Raw)
			}
			want := tt.at
			if tt.ok {
				want = tt.to
				if told := r.told(); told[len(told)-1] != tt.to {
					t.Errorf("told %v", told)
				}
			}
			if got := r.get(o)["status"]; got != want {
				t.Errorf("is %v, want %s", got, want)
			}
		})
	}
	if a := r.api("POST", "public/exchanger/order/update-status", map[string]any{}); a.Success || a.HTTP != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", a.Raw)
	}
}

func TestConfirmPaidGoesOnByItself(t *testing.T) {
	r := start(t, Config{})
	r.SetSettings(Settings{Step: 5 * time.Millisecond, ConfirmPaid: true})
	o := r.order("BTC", "WMZ", "-25")
	r.api("PUT", "public/exchanger/order/update-status", map[string]any{"orderUID": o.UID, "orderSecret": o.Secret, "status": "inProgress"})
	eventually(t, "done", func() bool { return r.one(jsInt(o.UID)).Status == StatusDone })
}

func TestLastOrdersOpenNothing(t *testing.T) {
	r := start(t, Config{})
	for range 3 {
		r.order("BTC", "WMZ", "-25")
	}
	a := r.api("GET", "public/exchanger/order/get-lasts?limit=2", nil)
	if n := len(a.Data["orders"].([]any)); n != 2 {
		t.Errorf("%d orders", n)
	}
	for _, o := range r.Orders() {
		if strings.Contains(string(a.Raw), o.Secret) || strings.Contains(string(a.Raw), o.ID) {
			t.Error("a secret is shown to everybody")
		}
	}
	for _, name := range []string{"public/exchanger/nothing", "public/exchanger/order/get-lasts?limit=x"} {
		if a := r.api("GET", name, nil); a.Success {
			t.Errorf("%s: %s", name, a.Raw)
		}
	}
}

func TestExpiryAndTimeTravel(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	r := start(t, Config{Now: func() time.Time { return now }})
	o := r.order("BTC", "WMZ", "-25")
	r.Advance(59 * time.Minute)
	if got := r.get(o)["status"]; got != StatusWaitPayment {
		t.Errorf("after 59 min: %v", got)
	}
	r.Advance(time.Minute)
	if got := r.Orders()[0].Status; got != StatusDeleted {
		t.Errorf("after an hour: %s", got)
	}
	told := r.told()
	if told[len(told)-1] != StatusDeleted {
		t.Errorf("told %v", told)
	}
	if date := r.api("GET", "public/exchanger/route/get", nil).Header.Get("Date"); date != now.Format(http.TimeFormat) {
		t.Errorf("time travel moved the Date header: %s", date)
	}
}

func TestEditChangesAmountsAndWalletWithoutAWord(t *testing.T) {
	r := start(t, Config{})
	o := r.order("BTC", "USDTTRC20", "-25")
	before := len(r.notified())
	in, out := dec("0.5"), dec("20")
	if err := r.Edit(o.UID, &in, &out, map[string]string{"wallet": "Tother"}); err != nil {
		t.Fatal(err)
	}
	got := r.get(o)
	value := got["toValues"].([]any)[0].(map[string]any)["value"]
	if value != "Tother" || len(r.notified()) != before {
		t.Errorf("toValues %v", value)
	}
	if e := r.one(jsInt(o.UID)); !e.InAmount.Equal(in) || !e.OutAmount.Equal(out) || !e.History[0].Out.Equal(dec("25")) {
		t.Errorf("order %+v", e)
	}
	if err := r.Edit(o.UID, nil, nil, map[string]string{"iban": "x"}); err == nil {
		t.Error("a field that is not there was edited")
	}
}
