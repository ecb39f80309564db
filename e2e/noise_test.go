package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const noiseSize = 64 << 10

// noise are random bytes that are the same for the same seed.
func noise(dice *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(dice.Uint32())
	}
	return b
}

// addresses are all that anybody can reach without a secret, and those that a secret leads to.
func addresses(order, ipn string) []string {
	list := []string{"/", "/products/mug", "/cart", "/cart/mug", "/checkout", "/pay", "/pay/x", "/quote", "/orders", "/orders/find", "/orders/x", "/preferences", "/theme.css", "/robots.txt", "/static/x",
		"/healthz", "/readyz", "/api/v1/orders", "/api/v1/orders/ord_1", "/api/v1/routes", "/api/v1/events", "/api/v1/payment_links", "/api/openapi.json", "/api/docs", "/admin", "/admin/login", "/admin/setup",
		"/admin/orders", "/ipn/x", "/pictures/x", "/nowhere", ipn}
	for _, part := range []string{"", "/status", "/return", "/receipt", "/pay", "/paid", "/cancel"} {
		list = append(list, "/orders/"+order+part)
	}
	return list
}

// TestRandomBytesToEveryAddress: 64 KiB of noise to every public address by every method, in the body, the query and the headers, get a
// bounded answer that is no fault of ours, and the program goes on.
func TestRandomBytesToEveryAddress(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, seed))
	s := newSite(t)
	e := newExchanger(t, s)
	p := s.serve()
	b := newPurchase("box/" + e.route("LTC", "USDTTRC20"))
	if ok, err := b.send(p.shop); !ok || err != nil {
		t.Fatal(ok, err)
	}
	store := s.open()
	o, err := store.OrderByNumber(t.Context(), 1001)
	if err != nil {
		t.Fatal(err)
	}
	token, err := store.OrderToken(o)
	if err != nil {
		t.Fatal(err)
	}
	orders, _ := e.orders()
	ipn := strings.TrimPrefix(orders[0].IPNURL, p.shop)
	kinds := []string{"application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "text/plain", ""}
	for _, path := range addresses(token, ipn) {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
			var body io.Reader
			query, head := "", ""
			if method == "GET" || method == "HEAD" {
				query, head = "?"+url.QueryEscape(string(noise(dice, 2000))), string(bytes.Map(printable, noise(dice, 2000)))
			} else {
				body = bytes.NewReader(noise(dice, noiseSize))
			}
			req, err := http.NewRequestWithContext(t.Context(), method, p.shop+path+query, body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", kinds[dice.IntN(len(kinds))])
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			if head != "" {
				for _, name := range []string{"Cookie", "Accept-Language", "Authorization", "X-Forwarded-For", "If-None-Match", "Range"} {
					req.Header.Set(name, head)
				}
			}
			answered(t, p, req)
		}
	}
	for range 20 {
		rawNoise(t, p, dice)
	}
	if strings.Contains(p.err.String(), "panic") {
		t.Errorf("something panicked:\n%s", p.err)
	}
	if o, err := store.OrderByNumber(t.Context(), 1001); err != nil || o.PaidAt != nil {
		t.Errorf("noise has paid: %v %v", o, err)
	}
	if ok, err := newPurchase(b.form.Get("route")).send(p.shop); !ok || err != nil {
		t.Error("after the noise nobody can buy:", ok, err)
	}
	s.run("", "doctor").must(t, 0)
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

// answered wants an answer of a sane size that is no fault of the shop.
func answered(t *testing.T, p *process, req *http.Request) {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		if p.over() {
			t.Fatalf("%s %s ended the program:\n%s", req.Method, req.URL.Path, p.err)
		}
		// A server that refuses a body without reading it may close the line before the answer has come through.
		if req.Body == nil {
			t.Errorf("%s %s: %v", req.Method, req.URL.Path, err)
		}
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 2<<20))
	if err != nil && req.Body == nil || len(body) > 1<<20 {
		t.Errorf("%s %s answers %d bytes, %v", req.Method, req.URL.Path, len(body), err)
	}
	if resp.StatusCode >= 500 && resp.StatusCode != http.StatusServiceUnavailable && resp.StatusCode != http.StatusNotImplemented {
		t.Errorf("%s %s answers %d: %s", req.Method, req.URL.Path, resp.StatusCode, text(string(body)))
	}
}

// rawNoise writes bytes that are no HTTP, or not for long.
func rawNoise(t *testing.T, p *process, dice *rand.Rand) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", strings.Replace(strings.TrimPrefix(p.shop, "http://"), "localhost", "127.0.0.1", 1), 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(40 * time.Second)) //nolint:errcheck // a connection has deadlines
	begin := []string{"", "GET / HTTP/1.1\r\nHost: ", "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", "GET /%" + fmt.Sprint(dice.IntN(99)) + " HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}[dice.IntN(5)]
	conn.Write(append([]byte(begin), noise(dice, noiseSize)...)) //nolint:errcheck // the server may hang up in the middle
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.CloseWrite() //nolint:errcheck // it may have hung up
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return // hanging up is an answer
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 500 && resp.StatusCode != http.StatusServiceUnavailable && resp.StatusCode != http.StatusNotImplemented && resp.StatusCode != http.StatusHTTPVersionNotSupported {
		t.Errorf("noise after %q is answered %d", begin, resp.StatusCode)
	}
}
