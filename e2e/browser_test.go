package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"mostrador/messages"
)

// browser is a real one, with one tab.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// openBrowser starts one that wants pages in a language; scripts tells whether pages may run any.
func openBrowser(t *testing.T, lang string, width int, scripts bool) *browser {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("accept-lang", lang), chromedp.WindowSize(width, 900)}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			options = append(options, chromedp.ExecPath(path))
			break
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(end)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(leave)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as the context that starts it
		t.Fatalf("start a browser: %v", err)
	}
	b.do("start", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
		return err
	}))
	return b
}

// do runs steps, each page of which has to come within a moment.
func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 40*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		where, _ := chromedp.Run(b.ctx, chromedp.Location())
		title, _ := chromedp.Run(b.ctx, chromedp.Title())
		b.t.Fatalf("%s: %v (at %s, %q)", what, err, where, title)
	}
}

func (b *browser) click(what, selector string) {
	b.t.Helper()
	b.do(what, chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// arrives waits until the address holds part.
func (b *browser) arrives(part string) {
	b.t.Helper()
	at := ""
	defer func() {
		if b.t.Failed() {
			page, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			b.t.Logf("at %s the page says: %.900s", at, page)
		}
	}()
	until(b.t, "an address with "+part, func() bool {
		var err error
		at, err = chromedp.Run(b.ctx, chromedp.Location())
		return err == nil && strings.Contains(at, part)
	})
}

// shows waits until the page has a text somewhere.
func (b *browser) shows(want string) {
	b.t.Helper()
	got := ""
	defer func() {
		if b.t.Failed() {
			b.t.Logf("the page says: %.600s", got)
		}
	}()
	until(b.t, "the page shows "+want, func() bool {
		var err error
		got, err = chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		return err == nil && strings.Contains(strings.ReplaceAll(got, "\u00a0", " "), want)
	})
}

// narrow makes sure that nothing stands out sideways.
func (b *browser) narrow(page string) {
	b.t.Helper()
	over, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
	if err != nil {
		b.t.Fatal(err)
	}
	if over > 0 {
		b.t.Errorf("%s scrolls sideways by %v pixels", page, over)
	}
}

// large makes sure that text of twice the size neither stands out sideways nor leaves a bar over what the page is about.
func (b *browser) large(page string) {
	b.t.Helper()
	bar, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`new Promise((done) => {
		document.documentElement.style.fontSize = "200%";
		requestAnimationFrame(() => requestAnimationFrame(() => { // the script has measured the bar by then
			const bar = document.querySelector(".paybar");
			done(!!bar && getComputedStyle(bar).position === "sticky" && bar.offsetHeight > innerHeight * 0.35);
		}));
	})`, func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }))
	if err != nil {
		b.t.Fatal(err)
	}
	if bar {
		b.t.Errorf("%s: with large text the bar covers more than a third of the window", page)
	}
	b.narrow(page + " with large text")
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void](`document.documentElement.style.fontSize = ""; void 0`)); err != nil {
		b.t.Fatal(err)
	}
}

// accessible has axe look at the page; with rules only for those.
func (b *browser) accessible(page string, rules ...string) {
	b.t.Helper()
	only := ""
	if len(rules) > 0 {
		only = `, runOnly: ["` + strings.Join(rules, `", "`) + `"]`
	}
	source, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		b.t.Fatalf("axe-core is needed (npm ci): %v", err)
	}
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void](string(source)+";void 0")); err != nil {
		b.t.Fatal(err)
	}
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]`+only+`}).then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).join(", "))))`,
		func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }))
	if err != nil {
		b.t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range list {
		b.t.Errorf("%s: %s", page, v)
	}
}

// buy goes the whole way of a customer, from the product to the paid order.
func (b *browser) buy(shop, lang string, scripts bool) {
	look := func(page string) {
		b.t.Helper()
		if scripts {
			b.narrow(page)
			b.accessible(page)
			if page != "the exchanger's page" {
				b.large(page)
			}
		}
	}
	b.do("the catalogue", chromedp.Navigate(shop+"/"), chromedp.WaitVisible(chromedp.CSS("main")))
	look("catalogue")
	b.do("a product", chromedp.Navigate(shop+"/products/mug"), chromedp.WaitVisible(chromedp.CSS(`form[action="/cart"]`)))
	look("product")
	b.click("to the checkout", `form[action="/cart"] button[name=then]`)
	b.arrives("/checkout")
	b.do("the e-mail", chromedp.WaitVisible(chromedp.CSS("#email")), chromedp.SendKeys(chromedp.CSS("#email"), "maria@example.com"))
	look("checkout")
	b.click("litecoin", `label[data-find-text*="litecoin"]`)
	if !scripts {
		b.click("go on with this currency", `#checkout button.btn-main`)
	}
	b.do("an exact amount", chromedp.WaitVisible(chromedp.CSS(`#checkout button.btn-main:not([value="choose"])`)))
	b.click("the agreement", "#agreement")
	look("checkout with a currency")
	b.click("pay", `#checkout button.btn-main:not([value="choose"])`)
	b.arrives("/payment/") // the exchanger speaks fewer languages than the shop
	b.do("the exchanger's page", chromedp.WaitVisible(chromedp.CSS(`button[name=how][value=full]`)))
	look("the exchanger's page")
	b.click("pay at the exchanger", `button[name=how][value=full]`)
	b.click("back to the shop", `a[href*="/return"]`)
	b.arrives("/orders/")
	b.shows(messages.For(lang).Text("state.paid.title"))
	look("order")
}

func TestAPurchaseInARealBrowser(t *testing.T) {
	s := newSite(t)
	p := s.serve()
	for _, tt := range []struct {
		name, lang string
		width      int
		scripts    bool
	}{
		{"in English on a desk", "en", 1280, true},
		{"in Spanish on a phone", "es", 360, true},
		{"in Russian on a phone", "ru", 360, true},
		{"in Russian without scripts", "ru", 360, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			openBrowser(t, tt.lang, tt.width, tt.scripts).buy(p.shop, tt.lang, tt.scripts)
		})
	}
	t.Run("by keyboard alone", func(t *testing.T) {
		b := openBrowser(t, "en", 1280, true)
		b.buyByKeyboard(p.shop)
		b.do("the exchanger's administrator", chromedp.Navigate(p.sandbox+"/control"), chromedp.WaitVisible(chromedp.CSS("main")))
		b.narrow("control")
		b.accessible("control")
	})
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d\n%s", code, p.err)
	}
}
