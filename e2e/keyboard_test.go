package e2e

import (
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"mostrador/messages"
)

// focused tells what has the focus and whether a person sees it: an outline of its own, of its label or of the field around it.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return "";
	const drawn = (x) => x && getComputedStyle(x).outlineStyle !== "none" && parseFloat(getComputedStyle(x).outlineWidth) >= 2;
	const seen = e.matches(":focus-visible") && (drawn(e) || drawn(e.closest("label")));
	const box = (e.closest("label.choice") || e).getBoundingClientRect(), bar = document.querySelector(".paybar");
	const floor = bar && !bar.contains(e) ? bar.getBoundingClientRect().top : innerHeight;
	const within = box.bottom > 0 && box.top < floor;
	return [e.id || e.name || e.value || e.getAttribute("href") || e.tagName, seen ? "seen" : "unseen", within ? "in sight" : "out of sight"].join("|");
})()`

// tabTo presses Tab until a selector has the focus. Every stop on the way has to be seen.
func (b *browser) tabTo(selector string) {
	b.t.Helper()
	stops := []string{}
	for range 40 {
		b.do("Tab", chromedp.KeyEvent(kb.Tab))
		at, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](focused))
		if err != nil {
			b.t.Fatal(err)
		}
		stops = append(stops, at)
		if at != "" && !strings.HasSuffix(at, "|seen|in sight") {
			b.t.Errorf("the focus is lost to the eye: %s", at)
		}
		there, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.activeElement.matches(%q)", selector)))
		if err != nil {
			b.t.Fatal(err)
		}
		if there {
			return
		}
	}
	b.t.Fatalf("Tab never comes to %s: %s", selector, strings.Join(stops, ", "))
}

func (b *browser) press(key string) {
	b.t.Helper()
	b.do("a key", chromedp.KeyEvent(key))
}

// buyByKeyboard goes from the product to the paid order without a pointer.
func (b *browser) buyByKeyboard(shop string) {
	b.t.Helper()
	b.do("a product", chromedp.Navigate(shop+"/products/mug"), chromedp.WaitVisible(chromedp.CSS(`form[action="/cart"]`)))
	b.tabTo(`button[name=then]`)
	b.press(kb.Enter)
	b.arrives("/checkout")
	b.do("the checkout", chromedp.WaitVisible(chromedp.CSS("#email")))
	b.tabTo("#email")
	b.press("maria@example.com")
	b.tabTo(`input[type=search][data-find]`) // looking finds what is folded away too
	b.press("dogec")
	b.tabTo(`label[data-find-text*="dogecoin"] input`)
	b.press(" ")
	b.do("its amount", chromedp.WaitVisible(chromedp.CSS(`#pay [data-busy]`)))
	b.tabTo("#agreement")
	b.press(" ")
	b.tabTo("#pay [type=submit]")
	b.press(kb.Enter)
	b.arrives("/payment/")
	b.tabTo(`button[name=how][value=full]`)
	b.press(kb.Enter)
	b.do("the way back", chromedp.WaitVisible(chromedp.CSS(`a[href*="/return"]`)))
	b.tabTo(`a[href*="/return"]`)
	b.press(kb.Enter)
	b.arrives("/orders/")
	b.shows(messages.For("en").Text("state.paid.title"))
}
