package exchanger

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParseNotification: whatever a stranger posts is refused or read, never a crash and never a proof.
func FuzzParseNotification(f *testing.F) {
	f.Add(formType, vector().Encode()+"&hash="+vectorHash, "")
	f.Add(formType, "orderId=a:b&newStatus=new&toValues[0][key]=x&toValues[0][value]=y", vectorHash)
	f.Add("text/plain", "orderId=1", "sha256=")
	f.Fuzz(func(t *testing.T, kind, body, head string) {
		n, err := ParseNotification(kind, http.Header{"X-Signature": {head}}, []byte(body), testHashNames)
		if err != nil {
			return
		}
		if n.OrderID == "" || n.NewStatus == "" || strings.ContainsAny(n.OrderID+string(n.NewStatus)+n.OrderUID+n.XMLTo, "\x00\n\r") {
			t.Fatalf("%+v", n)
		}
		for _, v := range n.ToValues {
			if all := v.Key + v.Name + v.Value; strings.Contains(all, "\x00") || !utf8.ValidString(all) {
				t.Fatalf("%q cannot be stored", all)
			}
		}
		if n.Prove("a secret that nobody knows") == Proven || n.Prove("") == Proven {
			t.Fatal("proven without the secret")
		}
		if n.Colon() == "" {
			n.Hashes = append(n.Hashes, HashCandidate{Value: Sign(n, "s")})
			if n.Prove("s") != Proven {
				t.Fatal("the right hash is no proof")
			}
		}
	})
}

// FuzzDecode: whatever an exchanger answers becomes a value or a typed error; a page address is never built from it
// unless its parts have their shapes.
func FuzzDecode(f *testing.F) {
	f.Add(`{"success":true,"data":` + routeAnswer + `}`)
	f.Add(`{"success":true,"data":` + orderAnswer + `,"requestId":5}`)
	f.Add(`{"success":true,"data":{"uid":1409,"secret":"` + testSecret + `","inAmount":"1e9"}}`)
	f.Add(`{"success":true,"data":{"routes":[{"routeId":"a","from":{"xml":"BTC","positionIn":1e30},"to":{"xml":"WMZ"}}]}}`)
	f.Add(`{"success":false,"error":{"errorCode":6231546409213868,"object":[]}}`)
	f.Add(`<html>`)
	c, err := New(Site{Name: "fuzz", BaseURL: "https://x.example"}, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(c.Close)
	f.Fuzz(func(t *testing.T, body string) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			rep := reply{status: 200, header: http.Header{}, body: []byte(body), sent: true}
			a, _, err := c.judge(request{method: method}, rep)
			if err != nil {
				if k := class(err); k != "refused" && k != "unclear" && k != "unavailable" {
					t.Fatalf("%q: %v", k, err)
				}
				continue
			}
			decodeAll(t, a.data)
		}
		shown := masker{strings.NewReplacer()}.body([]byte(body))
		if len(shown) > maxRecord || !utf8.Valid(shown) {
			t.Fatalf("%d bytes", len(shown))
		}
	})
}

func decodeAll(t *testing.T, data json.RawMessage) {
	t.Helper()
	s := Site{BaseURL: "https://x.example"}
	if created, err := decodeCreated(data); err == nil {
		if _, err := s.PaymentPage("en", created.UID, created.Secret); err != nil {
			t.Fatalf("%+v: %v", created, err)
		}
	}
	if o, err := decodeOrder(data); err == nil {
		for _, html := range []string{o.ManualHTML("ru"), o.PaymentComment()} {
			if strings.Contains(html, "\x00") {
				t.Fatalf("%q", html)
			}
		}
		if o.Status == "" || !utf8.ValidString(o.Comment) {
			t.Fatalf("%+v", o)
		}
	}
	_, _ = decodeRoutes(data)
	if r, err := decodeRoute(data, "es"); err == nil {
		if due, err := r.Due(dec("25")); err == nil && r.Out(due).LessThan(dec("25")) {
			t.Fatalf("%s pays out %s: %+v", due, r.Out(due), r)
		}
		for _, fl := range append(r.From.Fields, r.Fields...) {
			_ = fl.Check("value")
		}
		for _, i := range r.Instructions {
			if strings.Contains(strings.ToLower(i.Clean("en")), "<script") {
				t.Fatal(i.Clean("en"))
			}
		}
	}
}
