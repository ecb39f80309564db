package e2e

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const deskPassword = "a long password of mine"

// deskPages are what everybody on the desk sees. The order's page stands beside them.
var deskPages = []string{"", "?from=2026-11-01&to=2026-11-28", "/orders", "/orders?status=open", "/reports", "/products", "/products/new", "/links", "/routes", "/payouts", "/notifications", "/webhooks", "/keys", "/health", "/log", "/staff", "/settings", "/account", "/find?q=or", "/more", "/setup/payout", "/setup/test", "/setup/live", "/routes/1"}

// placed places an order through the API and gives its number.
func (p *process) placed(key, once string) string {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.shop+"/api/v1/orders", strings.NewReader(`{"amount":"12.50","email":"maria@example.com","description":"Two mugs"}`))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Idempotency-Key", once)
	resp, err := client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	_, after, ok := bytes.Cut(body, []byte(`"number":`))
	number, _, _ := bytes.Cut(after, []byte(","))
	if resp.StatusCode != http.StatusCreated || !ok {
		p.t.Fatalf("%d %s", resp.StatusCode, body)
	}
	return strings.Trim(string(number), `" `)
}

func TestTheDeskInARealBrowser(t *testing.T) {
	s := newSite(t)
	s.run(deskPassword+"\n", "admin", "create", "--email", "owner@shop.example").must(t, 0)
	key := strings.TrimSpace(s.run("", "apikey", "create", "--name", "till").must(t, 0).stdout)
	key = key[strings.LastIndex(key, "\n")+1:]
	p := s.serve()
	number := p.placed(key, "first")
	b := openBrowser(t, "en", 1280, true)
	b.do("sign in", chromedp.Navigate(p.shop+"/admin/login"), chromedp.WaitVisible(chromedp.CSS("[name=email]")), chromedp.SendKeys(chromedp.CSS("[name=email]"), "owner@shop.example"),
		chromedp.SendKeys(chromedp.CSS("main [name=password]"), deskPassword))
	b.click("sign in", `main form[action^="/admin/login"] [type=submit]`)
	b.shows("Needs you")

	// Letters move in the list, Enter opens; Ctrl K finds.
	b.do("the list", chromedp.Navigate(p.shop+"/admin/orders"), chromedp.WaitVisible(chromedp.CSS(".rowlink")))
	b.do("j", chromedp.KeyEvent("j"), chromedp.WaitVisible(chromedp.CSS("tr.is-cursor .rowlink:focus")), chromedp.KeyEvent("\r"))
	b.arrives("/admin/orders/" + number)
	until(t, "the order's page and its script", func() bool {
		ready, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.readyState"))
		return err == nil && ready == "complete"
	})
	b.do("the palette", chromedp.KeyEvent("k", chromedp.KeyModifiers(2)), chromedp.WaitVisible(chromedp.CSS("dialog.palette[open] input")), chromedp.SendKeys(chromedp.CSS("dialog.palette input"), number), chromedp.WaitVisible(chromedp.CSS(`#found [href="/admin/orders/`+number+`"]`)))

	for _, path := range append([]string{"/orders/" + number}, deskPages...) {
		at := "/admin" + path
		b.do(at, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(p.shop+at), chromedp.WaitVisible(chromedp.CSS("main h1")), chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.theme = "light"; void 0`))
		b.accessible(at + " light")
		b.do("dark", chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.theme = "dark"; new Promise(requestAnimationFrame).then(() => Promise.race([Promise.allSettled(document.getAnimations().map(a => a.finished)), new Promise(r => setTimeout(r, 3000))])).then(() => 0)`,
			func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }))
		b.accessible(at+" dark", "color-contrast")
		b.do("a phone", chromedp.EmulateViewport(360, 800))
		b.narrow(at)
	}

	// What changes shows by itself.
	b.do("the overview", chromedp.EmulateViewport(1280, 900), chromedp.Navigate(p.shop+"/admin"), chromedp.WaitVisible(chromedp.CSS("#latest")))
	second := p.placed(key, "another")
	b.do("an order from elsewhere", chromedp.WaitVisible(chromedp.CSS(`#latest [href="/admin/orders/`+second+`"]`)))
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d\n%s", code, p.err)
	}
}
