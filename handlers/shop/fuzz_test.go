package shop_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mostrador/models"
	"mostrador/sandbox"
)

// reached is the payment of the newest order, and the address at which it is notified.
func (r *rig) reached() (models.Payment, string) {
	r.t.Helper()
	r.placed(r.pay25("fuzz"))
	list, err := r.store.Payments(r.t.Context(), r.orders())
	if err != nil || len(list) == 0 {
		r.t.Fatal(list, err)
	}
	for _, o := range r.sand.Orders() {
		if _, token, ok := strings.Cut(o.IPNURL, "/ipn/"); ok {
			return list[0], "/ipn/" + token
		}
	}
	r.t.Fatal("the exchanger was told no address")
	return models.Payment{}, ""
}

// FuzzNotification: whatever a stranger posts to a notification address is answered as the design says, kept where it is answered 200, and
// moves nothing.
func FuzzNotification(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "orderId=5d8e6002b80b7b4cd75a6424&newStatus=done&inAmount=1&outAmount=25&xml_from=BTC&xml_to=USDTTRC20&timestamp=1772366400000", "")
	f.Add("application/x-www-form-urlencoded", "orderId=a&newStatus=done&hash="+strings.Repeat("0f", 32), "")
	f.Add("application/x-www-form-urlencoded", "orderId=a:b&newStatus=%00&toValues[0][key]=x&toValues[0][value]=%ff", strings.Repeat("ab", 32))
	f.Add("application/json", `{"orderId":"a","newStatus":"done","inAmount":1e999,"toValues":[{"key":1}],"timestamp":-1}`, "sha256=")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"orderId\"\r\n\r\na\r\n--x--", "")
	f.Add("text/xml", "<a/>", "")
	r := lite(f, nil)
	r.sand.SetFaults(sandbox.Faults{LoseNotifications: true}) // only strangers write
	pay, address := r.reached()
	allowed := map[int]bool{200: true, 400: true, 401: true, 413: true, 415: true}
	f.Fuzz(func(t *testing.T, kind, body, head string) {
		before, err := r.store.PaymentByID(t.Context(), pay.ID)
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodPost, address, strings.NewReader(body))
		req.Header.Set("Content-Type", kind)
		req.Header.Set("X-Signature", head)
		rec := httptest.NewRecorder()
		r.edge.ServeHTTP(rec, req)
		if !allowed[rec.Code] {
			t.Fatalf("answered %d", rec.Code)
		}
		after, err := r.store.PaymentByID(t.Context(), pay.ID)
		if err != nil {
			t.Fatal(err)
		}
		if rec.Code == http.StatusOK && after.Events == before.Events {
			t.Fatal("answered 200 and not kept")
		}
		if after.Status != before.Status || after.SettledAt != nil || after.LastStamp != before.LastStamp {
			t.Fatalf("a stranger moved it to %s", after.Status)
		}
	})
}

// FuzzForms: whatever is sent to the customer's addresses gets an answer that is no fault of ours, and no tag of a stranger ends up on a page.
func FuzzForms(f *testing.F) {
	r := lite(f, nil)
	order := r.placed(r.pay25("fuzz"))
	post := []string{"/cart", "/cart/mug", "/cart/lamp", "/orders", "/orders/find", "/preferences", order + "/pay", order + "/paid", "/orders/none/pay", order + "/cancel"}
	get := []string{"/", "/pay", "/checkout", "/quote", "/cart", "/pay/none", "/products/mug", order, order + "/return", order + "/status", order + "/receipt", "/orders/find"}
	for i, seed := range []string{"product=mug&quantity=2&then=checkout", "quantity=-1", "quantity=99999999999999999999", "source=amount&amount=25&route=sandbox/x&email=maria@example.com&agreement=1&attempt=a",
		"number=%23100&email=maria@example.com", "lang=ru&theme=dark&back=//elsewhere.example", "route=sandbox%2F&nothing_sent=1&attempt=b", "paid=1", "fields[a]=%00&fields[]=&fields[b][c]=<fuzz>", "reason=x"} {
		f.Add(uint8(i), seed)
	}
	f.Add(uint8(10), "page=-1&q=<fuzz>")
	f.Add(uint8(11), "amount=1e400&currency=<fuzz>")
	f.Add(uint8(13), "route=sandbox/x&price=NaN")
	f.Add(uint8(18), "status=<fuzz>")
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		which %= uint8(len(post) + len(get))
		method, address, body := http.MethodPost, "", text
		if int(which) < len(post) {
			address = post[which]
		} else {
			method, address, body = http.MethodGet, get[int(which)-len(post)], ""
		}
		req := httptest.NewRequest(method, address, strings.NewReader(body))
		if method == http.MethodGet {
			req.URL.RawQuery = text
		} else {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		rec := httptest.NewRecorder()
		r.edge.ServeHTTP(rec, req)
		if rec.Code >= 500 && rec.Code != http.StatusServiceUnavailable {
			t.Fatalf("%s %s answered %d", method, address, rec.Code)
		}
		if strings.Contains(rec.Body.String(), "<fuzz>") {
			t.Fatalf("%s %s shows a tag as it was sent", method, address)
		}
		if to := rec.Header().Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "\\") || strings.ContainsAny(to, "\r\n") {
			t.Fatalf("%s %s sends on to %q", method, address, to)
		}
	})
}
