package shop_test

import (
	"regexp"
	"strings"
	"testing"

	"mostrador/views/shop"
)

func TestTheAnswerToAChoiceFitsThePage(t *testing.T) {
	k := newKit("en")
	page := render(t, "en", shop.Checkout(k.checkout("")))
	quote := k.quote()
	quote.Row = &k.routes("btc")[0]
	fragment := render(t, "en", shop.CheckoutQuote(quote, "/orders"))
	swapped := regexp.MustCompile(`id="([^"]+)"[^>]* hx-swap-oob="true"`).FindAllStringSubmatch(fragment, -1)
	if len(swapped) != 5 {
		t.Fatalf("%d parts are put elsewhere, want the row's amount, amount, agreement, next step and button", len(swapped))
	}
	for _, m := range swapped {
		if strings.Count(page, `id="`+m[1]+`"`) != 1 {
			t.Errorf("the page has no place for %s", m[1])
		}
	}
	if !strings.Contains(page, `hx-target="#route-fields"`) || !strings.Contains(page, `id="route-fields"`) {
		t.Error("the page has no place for the fields")
	}
	for _, typed := range []string{`name="email"`, `name="agreement"`, `name="route"`, "<html"} {
		if strings.Contains(fragment, typed) {
			t.Errorf("the fragment would overwrite what was typed: %s", typed)
		}
	}
}

func TestTheCheckoutFormIsWhatProgramsRelyOn(t *testing.T) {
	k := newKit("en")
	chosen := render(t, "en", shop.Checkout(k.checkout("btc")))
	for _, want := range []string{
		`action="/orders" method="post"`, `name="source" value="cart"`, `name="attempt"`, `type="email"`, `autocomplete="email"`, `name="email"`,
		`type="radio"`, `name="route" value="coinsbar/btc" checked`, `name="fields[65f0c1]"`, `type="checkbox"`, `name="agreement"`, `name="quoted" value="coinsbar/btc"`,
	} {
		if !strings.Contains(chosen, want) {
			t.Errorf("%s is missing", want)
		}
	}
	form := chosen[strings.Index(chosen, `<form action="/orders"`):]
	form = form[:strings.Index(form, "</form>")]
	pays := 0
	for _, b := range regexp.MustCompile(`(?s)<button[^>]*type="submit"[^>]*>.*?</button>`).FindAllString(form, -1) {
		if strings.Contains(b, "formaction=") {
			continue
		}
		pays++
		if !strings.Contains(b, "0.00040012\u00a0BTC") {
			t.Errorf("the pay button does not name the amount: %s", b)
		}
	}
	if pays != 1 {
		t.Errorf("%d buttons pay", pays)
	}
	if disabled := regexp.MustCompile(`value="coinsbar/eth"[^>]* disabled aria-describedby="route-coinsbar-eth-due"`); !disabled.MatchString(chosen) {
		t.Error("a currency that cannot pay is not disabled with its reason")
	}
	fresh := render(t, "en", shop.Checkout(k.checkout("")))
	if !strings.Contains(fresh, `name="step" value="choose" formaction="/orders"`) || strings.Contains(fresh, ` checked`) {
		t.Error("without a choice the button continues, and nothing is chosen")
	}
}

func TestMistakesOfTheCheckout(t *testing.T) {
	html := render(t, "en", shop.Checkout(newKit("en").checkoutMistakes()))
	if n := strings.Count(html, `aria-invalid="true"`); n != 3 {
		t.Errorf("%d fields are marked, want 3", n)
	}
	if n := strings.Count(html, " autofocus"); n != 1 {
		t.Errorf("%d fields take the focus, want the first", n)
	}
	for _, want := range []string{`href="#email"`, `href="#field-refund"`, `href="#agreement"`, `role="alert"`, `aria-describedby="email-mistake"`, `id="email-mistake"`, `value="maria@example"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestTheOrderPage(t *testing.T) {
	k := newKit("en")
	t.Run("an open order is live, and refreshes where scripts are off", func(t *testing.T) {
		html := render(t, "en", shop.Order(k.order(shop.StateWaiting)))
		for _, want := range []string{`<title>Waiting for your payment · Order 1042 · Almendra</title>`, `favicon-waiting`, `<noscript><meta http-equiv="refresh" content="15"></noscript>`, `sse-connect="/orders/made-up/events"`, `data-live="/orders/made-up"`, `data-status="/orders/made-up/status"`, `role="status"`, `name="robots" content="noindex"`} {
			if !strings.Contains(html, want) {
				t.Errorf("%s is missing", want)
			}
		}
	})
	t.Run("a paid order is at rest", func(t *testing.T) {
		html := render(t, "en", shop.Order(k.order(shop.StatePaid)))
		for _, not := range []string{"http-equiv", "sse-connect", "data-live"} {
			if strings.Contains(html, not) {
				t.Errorf("%s is still there", not)
			}
		}
		if !strings.Contains(html, "favicon-paid") || !strings.Contains(html, `data-final="true"`) {
			t.Error("the page does not say that it is at rest")
		}
	})
	t.Run("the fragment is the inside of main with title, icon and version", func(t *testing.T) {
		html := render(t, "en", shop.OrderMain(k.order(shop.StateExchanging)))
		if strings.Contains(html, "<html") || strings.Contains(html, "<main") || !strings.Contains(html, `data-title="Exchanging · Order 1042 · Almendra"`) || !strings.Contains(html, `data-version="exchanging"`) {
			t.Error(html[:300])
		}
	})
	t.Run("paying here names what is copied and what the code holds", func(t *testing.T) {
		html := render(t, "en", shop.Order(k.onsite()))
		for _, want := range []string{`aria-label="Copy amount"`, `data-copy="17.482100"`, `aria-label="Copy address"`, `data-copy="rMq7vKx4ZtHn9sWcD2yUbJ6LpEa8GfRkT3"`, `aria-label="Copy Destination tag"`, `role="img" aria-label="QR code: 17.482100`, `action="/orders/made-up/paid"`} {
			if !strings.Contains(html, want) {
				t.Errorf("%s is missing", want)
			}
		}
	})
}
