package exchanger

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestNumbersComeInManyForms(t *testing.T) {
	for in, want := range map[string]string{
		`5`: "5", `"5"`: "5", `"-317.42"`: "-317.42", `1e-8`: "0.00000001", `"1E+3"`: "1000", `" 7.50 "`: "7.5", `0.30000000000000004`: "0.30000000000000004",
		`null`: "?", `""`: "?", `9007199254740993`: "9007199254740993", `"1."`: "1", `".5"`: "0.5",
		`"NaN"`: "error", `"Infinity"`: "error", `"1e400"`: "error", `1e99`: "error", `"1,5"`: "error", `"0x10"`: "error", `"٣"`: "error", `true`: "error", `{}`: "error",
		`"` + strings.Repeat("1", 65) + `"`: "error", `"-"`: "error", `"1 2"`: "error", `"−5"`: "error",
	} {
		var n num
		err := json.Unmarshal([]byte(in), &n)
		switch {
		case want == "error":
			if err == nil {
				t.Errorf("%s was read as %s", in, n)
			}
		case err != nil || n.known != (want != "?") || n.known && !n.Equal(dec(want)):
			t.Errorf("%s: %s known %v %v, want %s", in, n, n.known, err, want)
		}
	}
}

const routeAnswer = `{"route":{"routeId":"5d8e6002b80b7b4cd75a6424","rate":{"in":"1","out":"0.99","amount":5000.5,"outFeeAmount":null,"rateFullNumber":1.01},
 "from":{"name":"Bitcoin","symbol":"BTC","xml":"BTC","image":"/i/btc.svg","min":"0.001","max":0,"decimal":"8","verification":{"enable":"true"},
  "fields":[{"_id":"f1","id":"email","name":"##en##E-mail##es##Correo","regexp":"^[^@ ]+@[^@ ]+$","required":1},{"name":"no key"},null,7],
  "discounts":[{"amountMoreThan":"2","discountPercent":"1.5"},{"amountMoreThan":1,"discountPercent":1},{"amountMoreThan":3,"discountPercent":100},{"amountMoreThan":"x","discountPercent":1}]},
 "to":{"name":"WMZ","symbol":"USD","xml":"WMZ","fields":{"0":{"id":"wallet","name":"Purse","required":"true"}},"verificationPayout":false},
 "fields":null,"instructions":[{"_id":"i1","step":"payment","content":"##en##<p onclick=x>Pay <script>alert(1)</script><a href='javascript:x'>now</a></p>##ru##<p>Платите</p>"}],
 "requiredVerificationUser":{"enable":true,"minAmount":"0.5"}}}`

func TestARouteIsReadWhateverItsTypes(t *testing.T) {
	r, err := decodeRoute([]byte(routeAnswer), "es")
	if err != nil {
		t.Fatal(err)
	}
	if r.ID != testRoute || !r.Rate.Amount.Equal(dec("5000.5")) || !r.Rate.AmountKnown || !r.Rate.OutFeeAmount.IsZero() {
		t.Errorf("%+v", r.Rate)
	}
	if r.From.Decimals != 8 || !r.From.DecimalsKnown || r.To.Decimals != 2 || r.To.DecimalsKnown || !r.From.Min.Equal(dec("0.001")) || !r.From.Verification || r.To.Verification {
		t.Errorf("%+v", r.From)
	}
	if len(r.From.Fields) != 1 || r.From.Fields[0].Label != "Correo" || !r.From.Fields[0].Required || len(r.To.Fields) != 1 || r.To.Fields[0].Key != "wallet" {
		t.Errorf("%+v %+v", r.From.Fields, r.To.Fields)
	}
	if len(r.From.Discounts) != 2 || !r.From.Discounts[0].MoreThan.Equal(dec("1")) {
		t.Errorf("%+v", r.From.Discounts)
	}
	if !r.NeedsVerification(dec("0.5")) || r.NeedsVerification(dec("0.49")) {
		t.Error("verification bound")
	}
	if got := r.Instructions[0].Clean("en"); strings.ContainsAny(got, "(") || strings.Contains(got, "href") || !strings.Contains(got, "Pay") {
		t.Errorf("%q", got)
	}
	if got := r.Instructions[0].Clean("ru"); got != "<p>Платите</p>" {
		t.Errorf("%q", got)
	}
	for _, bad := range []string{`{"route":{"routeId":"a/b","rate":{},"from":{},"to":{}}}`, `{"route":{"routeId":"ab","rate":{"in":"NaN"},"from":{},"to":{}}}`,
		`{"route":{"routeId":"ab"}}`, `{"route":null}`, `[]`, `{}`} {
		if r, err := decodeRoute([]byte(bad), "en"); err == nil {
			t.Errorf("%s was read as %+v", bad, r)
		}
	}
}

func TestTheListOfRoutesSurvivesABadOne(t *testing.T) {
	routes, err := decodeRoutes([]byte(`{"routes":[
		{"routeId":"b","isShowWeb":"true","from":{"xml":"ETH","positionIn":"2"},"to":{"xml":"WMZ","positionOut":9},"rate":{"in":1,"out":"2","amount":"3"},"seo":{"friendlyURL":"eth-wmz"}},
		{"routeId":"bad rate","from":{"xml":"ETH"},"to":{"xml":"WMZ"},"rate":{"in":"NaN"}},
		{"routeId":"../x","from":{"xml":"ETH"},"to":{"xml":"WMZ"}},
		{"routeId":"a","isShowWeb":false,"from":{"xml":"BTC","positionIn":1},"to":{"xml":"WMZ"},"rate":null,"seo":"x"}, 5, null]}`))
	if err != nil || len(routes) != 2 || routes[0].ID != "a" || routes[0].Show || !routes[1].Show || routes[1].FriendlyURL != "eth-wmz" ||
		routes[1].To.Position != 9 || !routes[1].Rate.Out.Equal(dec("2")) {
		t.Fatalf("%+v %v", routes, err)
	}
	if _, err := decodeRoutes([]byte(`{}`)); err == nil {
		t.Error("no list is no empty list")
	}
	if r, err := decodeRoutes([]byte(`{"routes":[]}`)); err != nil || len(r) != 0 {
		t.Errorf("%v %v", r, err)
	}
}

func TestAFieldRunsThePatternInLinearTime(t *testing.T) {
	for _, tt := range []struct {
		name, pattern, value, want string
		required                   bool
	}{
		{"nothing asked", "", "", "", false},
		{"missing", "", "  ", "missing", true},
		{"optional and empty is not held against the pattern", "^a$", "", "", false},
		{"matches", "^Z[0-9]{12}$", "Z123456789012", "", true},
		{"does not match", "^Z[0-9]{12}$", "Z12", "pattern", true},
		{"a match anywhere, as in JavaScript", "[0-9]", "a1b", "", true},
		{"slashes and flags", "/^ab+$/i", "ABB", "", true},
		{"slashes without flags", "/^ab+$/", "ABB", "pattern", true},
		{"a look-ahead is skipped", "^(?=a)b$", "zzz", "", true},
		{"what does not compile is skipped", "([", "zzz", "", true},
		{"what is too long is skipped", strings.Repeat("a", 600), "zzz", "", true},
		{"a catastrophic pattern ends at once", "^(a+)+$", strings.Repeat("a", 1000) + "!", "pattern", true},
		{"too long a value", "", strings.Repeat("a", 1025), "too_long", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := Field{Key: "k", Label: "Purse", Regexp: tt.pattern, Required: tt.required}.Check(tt.value)
			got := ""
			if fe, ok := err.(*FieldError); ok {
				got = fe.Kind
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if err != nil && tt.value != "" && strings.TrimSpace(tt.value) != "" && strings.Contains(err.Error(), tt.value) {
				t.Errorf("the error tells the value: %v", err)
			}
		})
	}
}

func TestLanguagesAreSplitAtTheirMarks(t *testing.T) {
	for in, want := range map[string]map[string]string{
		"plain":                         {"": "plain"},
		"##en##a##ru##b":                {"en": "a", "ru": "b"},
		"##en##a##en## ##ru##b##ru##":   {"en": "a", "ru": "b"},
		"for all ##EN##a":               {"": "for all ", "en": "a"},
		"##english##a":                  {"": "##english##a"},
		"":                              {},
		"##en####ru##b":                 {"ru": "b"},
		"##en##a##ru##b##en##c##es## d": {"en": "ac", "ru": "b", "es": " d"},
	} {
		got := byLanguage(in)
		if len(got) != len(want) {
			t.Errorf("%q: %v", in, got)
		}
		for l, s := range want {
			if got[l] != s {
				t.Errorf("%q: %q, want %q", in, got[l], s)
			}
		}
	}
	if pick(map[string]string{"ru": "r", "de": "d"}, "es") != "d" || pick(map[string]string{"en": "e", "ru": "r"}, "ru-RU") != "r" || pick(nil, "en") != "" {
		t.Error("pick")
	}
}

const orderAnswer = `{"order":{"_id":"5d8e6002b80b7b4cd75a6424","uid":1409,"status":"waitPayment","inAmount":2,"outAmount":"317.42","comment":"c\u0000d",
 "route":{"from":{"name":"Ether <b>","symbol":"ETH","xml":"ETH","paymentDetails":{"merchantEnabled":"true","merchant":{"template":"alert(1)","data":{"Address":"0xabc","memo":77,"amount":"2.0","link":"javascript:x"}},
   "manualPaymentTextEnabled":1,"manualPaymentText":"##en##<p>Send [[INAMOUNT]] [[inNameCurrency]] to [[account]], order [[uid]] [[nothing]]<img src=x onerror=y></p>##ru##<p>[[ outSymbol ]]</p>",
   "linkPS":"https://pay.example/x","account":"acc\"<","commentTemplate":"Order [[UID]] <i>&amp; more</i>","showIPaidBtn":false}},
  "to":{"name":"WMZ","symbol":"USD","xml":"WMZ"},"instructions":[]},
 "fromValues":[{"key":{"_id":"f1","name":"x"},"name":"E-mail","value":"a@b.c"}],"toValues":[{"key":"wallet","name":"Purse","value":"***"}],"routeValues":{"k":5}},
 "verifications":[]}`

func TestAnOrderIsReadWithWhatIsNeededToPay(t *testing.T) {
	o, err := decodeOrder([]byte(orderAnswer))
	if err != nil {
		t.Fatal(err)
	}
	if o.Status != StatusWaitPayment || o.Comment != "cd" || o.FromValues[0].Key != "f1" || o.ToValuesShown || o.RouteValues[0].Value != "5" || o.Verifications || !o.AmountsKnown {
		t.Errorf("%+v", o)
	}
	d := o.PaymentDetails
	if !d.Merchant.Usable() || d.Merchant.Address != "0xabc" || d.Merchant.Memo != "77" || d.Merchant.Link != "" || !d.Merchant.Amount.Equal(dec("2")) {
		t.Errorf("%+v", d.Merchant)
	}
	if d.LinkPS != "https://pay.example/x" || !d.ShowStepLink || !d.ShowStepComment || d.ShowIPaidBtn {
		t.Errorf("%+v", d)
	}
	if got, want := o.ManualHTML("es"), `<p>Send 2 Ether &lt;b&gt; to acc&#34;&lt;, order 1409 </p>`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := o.ManualHTML("ru"); got != "<p>USD</p>" {
		t.Errorf("%q", got)
	}
	if got := o.PaymentComment(); got != "Order 1409 & more" {
		t.Errorf("%q", got)
	}
	o.PaymentDetails.CommentTemplate = ""
	if o.PaymentComment() != "1409" {
		t.Error("without a template the uid is the comment")
	}
	for _, bad := range []string{`{}`, `{"order":{}}`, `{"order":{"status":"new","uid":"../x"}}`, `7`} {
		if _, err := decodeOrder([]byte(bad)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
	thin, err := decodeOrder([]byte(`{"order":{"status":"new","route":"5d8e","inAmount":"NaN","toValues":"x"},"verifications":{"a":1}}`))
	if err != nil || thin.AmountsKnown || !thin.Verifications || !thin.PaymentDetails.ShowIPaidBtn || thin.ToValuesShown {
		t.Errorf("%+v %v", thin, err)
	}
}

func TestMerchantDataMayBeJSONWithinAString(t *testing.T) {
	m := merchantOf(true, []byte(`"{\"address\":\"bc1q\",\"tag\":5,\"url\":\"https://pay.example/\"}"`))
	if m.Address != "bc1q" || m.Tag != "5" || m.Link != "https://pay.example/" {
		t.Errorf("%+v", m)
	}
	if merchantOf(true, nil).Usable() || merchantOf(false, []byte(`{"address":"x"}`)).Usable() {
		t.Error("nothing known is not usable")
	}
}
