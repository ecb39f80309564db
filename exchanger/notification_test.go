package exchanger

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const (
	formType   = "application/x-www-form-urlencoded"
	vectorHash = "af3acf947e6f0e0f2c267e300b8582e504dba12d1f2d058652b7414163c09f48"
)

var testHashNames = []string{"hash", "sign", "signature", "ipnHash", "x-ipn-hash", "x-signature"}

// vector is the document's example as a form [doc].
func vector() url.Values {
	return url.Values{"orderUID": {"1409"}, "orderId": {"5d8e6002b80b7b4cd75a6424"}, "newStatus": {"inProgress"}, "inAmount": {"2"},
		"outAmount": {"317.42"}, "xml_from": {"ETH"}, "xml_to": {"WMZ"}, "timestamp": {"1571328406072"}}
}

func TestTheDocumentsVectorIsProof(t *testing.T) {
	n, err := ParseNotification(formType, nil, []byte(vector().Encode()), testHashNames)
	if err != nil {
		t.Fatal(err)
	}
	if got := Sign(n, "SECRET123"); got != vectorHash {
		t.Fatalf("%s", got)
	}
	if !n.At.Equal(time.UnixMilli(1571328406072)) || !n.In.Equal(dec("2")) || !n.Out.Equal(dec("317.42")) || !n.AmountsKnown || n.OrderUID != "1409" {
		t.Errorf("%+v", n)
	}
}

func TestProofs(t *testing.T) {
	other := strings.Repeat("ab", 32)
	for _, tt := range []struct {
		name   string
		change func(url.Values, http.Header)
		want   Proof
	}{
		{"no hash is a hint", func(url.Values, http.Header) {}, Unproven},
		{"under a usual name", func(f url.Values, _ http.Header) { f.Set("hash", vectorHash) }, Proven},
		{"in capitals", func(f url.Values, _ http.Header) { f.Set("sign", strings.ToUpper(vectorHash)) }, Proven},
		{"under any name", func(f url.Values, _ http.Header) { f.Set("whatever", vectorHash) }, Proven},
		{"in a header", func(_ url.Values, h http.Header) { h.Set("X-Ipn-Hash", vectorHash) }, Proven},
		{"in a header with its method", func(_ url.Values, h http.Header) { h.Set("X-Signature", "sha256="+vectorHash) }, Proven},
		{"in a header that is not configured", func(_ url.Values, h http.Header) { h.Set("X-Other", vectorHash) }, Unproven},
		{"a wrong one beside the right one", func(f url.Values, _ http.Header) { f.Set("hash", other); f.Set("x", vectorHash) }, Proven},
		{"twice under one name, one right", func(f url.Values, _ http.Header) { f["hash"] = []string{other, vectorHash} }, Proven},
		{"a wrong hash", func(f url.Values, _ http.Header) { f.Set("hash", other) }, Wrong},
		{"a wrong hash of a wrong length", func(f url.Values, _ http.Header) { f.Set("hash", "abc") }, Wrong},
		{"an empty hash is none", func(f url.Values, _ http.Header) { f.Set("hash", "") }, Unproven},
		{"64 hex digits under an unknown name", func(f url.Values, _ http.Header) { f.Set("whatever", other) }, Wrong},
		{"a wrong hash in a header", func(_ url.Values, h http.Header) { h.Set("X-Signature", "nonsense") }, Wrong},
		{"a transaction id inside toValues is no claim", func(f url.Values, _ http.Header) { f.Set("toValues[0][value]", other) }, Unproven},
		{"the right one inside toValues is proof", func(f url.Values, _ http.Header) { f.Set("toValues", `[{"key":"h","value":"`+vectorHash+`"}]`) }, Proven},
		{"another status under the same hash", func(f url.Values, _ http.Header) { f.Set("hash", vectorHash); f.Set("newStatus", "done") }, Wrong},
		{"another way to write the same amount", func(f url.Values, _ http.Header) { f.Set("hash", vectorHash); f.Set("inAmount", "2.0") }, Wrong},
		{"orderUID is not signed", func(f url.Values, _ http.Header) { f.Set("hash", vectorHash); f.Set("orderUID", "7") }, Proven},
		{"a colon shifts one field into the next", func(f url.Values, _ http.Header) {
			f.Set("hash", vectorHash)
			f.Set("orderId", "5d8e6002b80b7b4cd75a6424:inProgress")
			f.Set("newStatus", "2")
			f.Set("inAmount", "317.42")
			f.Set("outAmount", "ETH")
			f.Set("xml_from", "WMZ")
			f.Set("xml_to", "1571328406072")
			f.Set("timestamp", "")
		}, Wrong},
		{"a colon without a hash", func(f url.Values, _ http.Header) { f.Set("xml_to", "a:b") }, Wrong},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form, header := vector(), http.Header{}
			tt.change(form, header)
			n, err := ParseNotification(formType+"; charset=utf-8", header, []byte(form.Encode()), testHashNames)
			if err != nil {
				t.Fatal(err)
			}
			if got := n.Prove("SECRET123"); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if got := n.Prove(""); got == Proven {
				t.Error("an empty secret proves nothing")
			}
			if got := n.Prove("SECRET124"); got == Proven {
				t.Error("another secret proves nothing")
			}
		})
	}
}

func TestAnEmptySecretNeverProves(t *testing.T) {
	n, err := ParseNotification(formType, nil, []byte(vector().Encode()), nil)
	if err != nil {
		t.Fatal(err)
	}
	n.Hashes = []HashCandidate{{Name: "hash", Value: Sign(n, ""), Claim: true}}
	if n.Prove("") != Wrong {
		t.Error("whoever knows the format could sign")
	}
}

func TestWhatCannotBeReadIsNoNotification(t *testing.T) {
	twice := vector()
	twice["newStatus"] = []string{"done", "inProgress"}
	for _, tt := range []struct {
		name, kind, body string
		want             error
	}{
		{"JSON", "application/json", `{}`, ErrContentType},
		{"a form with files", "multipart/form-data; boundary=x", "", ErrContentType},
		{"no content type", "", vector().Encode(), ErrContentType},
		{"a broken content type", "application/x-www-form-urlencoded; charset", vector().Encode(), ErrContentType},
		{"nothing", formType, "", ErrUnreadable},
		{"no status", formType, "orderId=5d8e6002b80b7b4cd75a6424", ErrUnreadable},
		{"a broken escape", formType, "orderId=%zz&newStatus=new", ErrUnreadable},
		{"a signed field twice", formType, twice.Encode(), ErrUnreadable},
		{"a NUL", formType, "orderId=a%00b&newStatus=new", ErrUnreadable},
		{"a line break", formType, "orderId=a%0Ab&newStatus=new", ErrUnreadable},
		{"no UTF-8", formType, "orderId=a%ff&newStatus=new", ErrUnreadable},
		{"an endless status", formType, "orderId=a&newStatus=" + strings.Repeat("n", 300), ErrUnreadable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n, err := ParseNotification(tt.kind, nil, []byte(tt.body), testHashNames); !errors.Is(err, tt.want) {
				t.Errorf("%+v %v", n, err)
			}
		})
	}
}

func TestToValuesComeInBracketsOrJSON(t *testing.T) {
	want := []Value{{"wallet", "Purse", "Z123"}, {"tag", "Tag", "7"}}
	for _, form := range []url.Values{
		{"toValues[0][key]": {"wallet"}, "toValues[0][name]": {"Purse"}, "toValues[0][value]": {"Z123"}, "toValues[1][key]": {"tag"}, "toValues[1][name]": {"Tag"}, "toValues[1][value]": {"7"}},
		{"toValues[10].key": {"tag"}, "toValues[10].name": {"Tag"}, "toValues[10].value": {"7"}, "toValues[9].key": {"wallet"}, "toValues[9].name": {"Purse"}, "toValues[9].value": {"Z123"}},
		{"toValues": {`[{"key":"wallet","name":"Purse","value":"Z123"},{"key":"tag","name":"Tag","value":7}]`}},
		{"toValues[]": {`{"name":"Purse","key":"wallet","value":"Z123"}`, `{"key":"tag","name":"Tag","value":"7"}`}},
	} {
		full := vector()
		for k, v := range form {
			full[k] = v
		}
		n, err := ParseNotification(formType, nil, []byte(full.Encode()), nil)
		if err != nil || len(n.ToValues) != 2 || n.ToValues[0] != want[0] || n.ToValues[1] != want[1] {
			t.Errorf("%v: %+v %v", form, n.ToValues, err)
		}
	}
	bad := vector()
	bad.Set("toValues", `[{"key"`)
	bad.Set("inAmount", "much")
	if n, err := ParseNotification(formType, nil, []byte(bad.Encode()), nil); err != nil || len(n.ToValues) != 0 || n.AmountsKnown {
		t.Errorf("%+v %v", n, err)
	}
}

func TestTimestampsOfAnyUnit(t *testing.T) {
	want := time.Date(2019, 10, 17, 16, 6, 46, 0, time.UTC)
	for _, s := range []string{"1571328406", "1571328406000", "1571328406000000"} {
		if got := timeOf(s); !got.Equal(want) {
			t.Errorf("%s: %s", s, got)
		}
	}
	for _, s := range []string{"", "0", "-5", "x", "1.5", "99999999999999999999", "999999999999999999"} {
		if got := timeOf(s); !got.IsZero() {
			t.Errorf("%s: %s", s, got)
		}
	}
}
