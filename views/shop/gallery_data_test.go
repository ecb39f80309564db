package shop_test

import (
	"encoding/json"
	"strconv"

	"mostrador/messages"
	"mostrador/money"
	"mostrador/static"
	"mostrador/views"
	"mostrador/views/shop"

	"github.com/a-h/templ"
)

// kit makes the made-up data of one language.
type kit struct {
	lang string
	p    messages.Printer
}

const nbsp = "\u00a0"

func (k kit) usd(s string) string {
	n := money.Number(s, k.lang)
	if k.lang == "en" {
		return "$" + n
	}
	return n + nbsp + "$"
}
func (k kit) coin(s, unit string) string { return money.Number(s, k.lang) + nbsp + unit }

func (k kit) page(title string, width views.Width, back string) views.Page {
	p := views.Page{
		Lang: k.lang, Title: views.Title(title, "Almendra"), Back: back, Width: width,
		Shop: views.Shop{Name: "Almendra", TermsURL: "/terms", HelpURL: "mailto:help@almendra.example", Copyright: k.p.Text("layout.copyright", "year", 2026, "shop", "Almendra")},
	}
	for _, l := range messages.Languages {
		p.Languages = append(p.Languages, views.Language{Code: l, Name: messages.For(l).Text("language.name"), Current: l == k.lang})
	}
	return p
}

func (k kit) shopPage(title string, width views.Width, back string, items int) views.Page {
	p := k.page(title, width, back)
	p.Cart = &views.CartLink{Label: k.p.Text("layout.cart_empty")}
	if items > 0 {
		p.Cart = &views.CartLink{Count: strconv.Itoa(items), Label: k.p.Count("layout.cart", items)}
	}
	return p
}

type demo struct {
	Categories []struct {
		Slug  string
		Title map[string]string
	}
	Products []struct {
		Slug, Image, Price       string
		Stock                    int
		Title, Text, Description map[string]string
	}
}

func catalogue() demo {
	var d demo
	if err := json.Unmarshal(static.DemoCatalogue, &d); err != nil {
		panic(err)
	}
	return d
}

func (k kit) cards(n int) []shop.Card {
	var list []shop.Card
	for i, p := range catalogue().Products {
		if i == n {
			break
		}
		c := shop.Card{Title: p.Title[k.lang], URL: templ.SafeURL("/products/" + p.Slug), Price: k.usd(p.Price), Picture: static.Path(p.Image)}
		switch i {
		case 2:
			c.Note = k.p.Count("catalogue.left", 3)
		case 7:
			c.Note = k.p.Text("catalogue.sold_out")
		}
		list = append(list, c)
	}
	return list
}

func (k kit) categories(current int) []shop.Category {
	list := []shop.Category{{Title: k.p.Text("catalogue.all"), URL: "/", Current: current == 0}}
	for i, c := range catalogue().Categories {
		list = append(list, shop.Category{Title: c.Title[k.lang], URL: templ.SafeURL("/?category=" + c.Slug), Current: current == i+1})
	}
	return list
}

func (k kit) lines() []shop.Line {
	p := catalogue().Products
	return []shop.Line{
		{Title: p[0].Title[k.lang], Detail: "2 × " + k.usd("18.00"), Sum: k.usd("36.00"), Picture: static.Path(p[0].Image)},
		{Title: p[5].Title[k.lang], Detail: "1 × " + k.usd("6.50"), Sum: k.usd("6.50"), Picture: static.Path(p[5].Image)},
	}
}

// routes are 31 currencies as an exchanger may offer them.
func (k kit) routes(chosen string) []shop.Route {
	rows := []struct{ id, xml, name, net, amount, unit, why string }{
		{"btc", "BTC", "Bitcoin", "Bitcoin", "0.00040012", "BTC", ""},
		{"usdt", "USDTTRC20", "Tether", "TRON (TRC-20)", "42.930000", "USDT", ""},
		{"eth", "ETH", "Ethereum", "Ethereum", "", "ETH", k.p.Text("checkout.why_min", "amount", k.coin("0.02", "ETH"))},
		{"usdte", "USDTERC20", "Tether", "Ethereum (ERC-20)", "43.120000", "USDT", ""},
		{"ltc", "LTC", "Litecoin", "Litecoin", "0.41262136", "LTC", ""},
		{"xmr", "XMR", "Monero", "Monero", "0.134921", "XMR", ""},
		{"xrp", "XRP", "XRP", "XRP Ledger", "17.482100", "XRP", ""},
		{"doge", "DOGE", "Dogecoin", "Dogecoin", "282.14285715", "DOGE", ""},
		{"wmz", "WMZ", "WebMoney", "WM Keeper", "43.78", "WMZ", ""},
		{"eth18", "ETHARB", "Ethereum", "Arbitrum One", "0.012345678901234567", "ETH", ""},
		{"cash", "CASHUSD_C_MADRID", "Cash USD", "Madrid", "", "USD", k.p.Text("checkout.why_min", "amount", k.coin("500", "USD"))},
	}
	for i := range 20 {
		rows = append(rows, struct{ id, xml, name, net, amount, unit, why string }{"c" + strconv.Itoa(i), "C" + strconv.Itoa(i), "Currency " + strconv.Itoa(i+12), "Network " + strconv.Itoa(i+12), "12.3456" + strconv.Itoa(10+i), "CUR" + strconv.Itoa(i), ""})
	}
	var list []shop.Route
	for _, r := range rows {
		route := shop.Route{ID: "coinsbar/" + r.id, Disc: views.DiscOf(r.xml, r.unit), Name: r.name, Net: r.net, Symbol: r.unit, Find: r.xml, Why: r.why, Chosen: r.id == chosen, Last: chosen != "" && r.id == "btc"}
		if r.amount != "" {
			route.Due = views.Money{Amount: money.Number(r.amount, k.lang), Unit: r.unit}
		}
		list = append(list, route)
	}
	return list
}

func (k kit) agreement() []views.Span {
	return views.Sentence(k.p.Text("checkout.agree", "shop", "Almendra", "site", "coinsbar.net"), map[string]templ.SafeURL{"terms": "/terms", "rules": "https://coinsbar.net/rules"})
}

func (k kit) quote() shop.Quote {
	amount := k.coin("0.00040012", "BTC")
	return shop.Quote{
		Route: "coinsbar/btc", FieldsTitle: k.p.Text("checkout.for_currency", "currency", "Bitcoin"),
		Fields: []shop.Field{{ID: "field-refund", Name: "fields[65f0c1]", Label: "Bitcoin address for a refund", Pattern: "^(bc1|[13])[a-zA-HJ-NP-Z0-9]{25,62}$", Hint: k.p.Text("checkout.field_mistake", "field", "Bitcoin address for a refund"), Required: true, Exact: true}},
		Due:    views.MoneyOf(amount), Rate: k.p.Text("checkout.rate", "price", k.usd("42.50"), "symbol", "BTC", "rate", k.usd("106218.13")),
		Pay: k.p.Text("checkout.pay", "amount", amount), Busy: k.p.Text("checkout.busy"), Next: k.p.Text("checkout.next", "site", "coinsbar.net"),
		Final:     k.p.Text("checkout.final", "percent", "0.5"),
		Held:      &shop.Countdown{Text: "9:41", ISO: "PT9M41S", Until: "2026-11-24T14:55:00Z", Now: "2026-11-24T14:45:19Z", Label: k.p.Text("checkout.held")},
		Agreement: k.agreement(),
	}
}

func (k kit) checkout(chosen string) shop.CheckoutView {
	v := shop.CheckoutView{
		Page: k.page(k.p.Text("checkout.title")+" · "+k.usd("42.50"), views.WidthCheckout, "/checkout"), Heading: k.p.Text("checkout.title"), Action: "/orders",
		Hidden:    []shop.Hidden{{Name: "source", Value: "cart"}, {Name: "attempt", Value: "made-up"}},
		Email:     &shop.Field{ID: "email", Name: "email", Type: "email", Inputmode: "email", Autocomplete: "email", Label: k.p.Text("checkout.email"), Help: k.p.Text("checkout.email_help"), Required: true},
		Price:     "42.50",
		Agreement: shop.Check{Text: views.Sentence(k.p.Text("checkout.agree_any", "shop", "Almendra"), map[string]templ.SafeURL{"terms": "/terms"})},
		Summary: shop.Summary{
			Count: k.p.Count("cart.items", 3), Lines: k.lines(), Total: k.usd("42.50"),
			Rows:   []shop.Fact{{Label: k.p.Text("checkout.goods"), Value: k.usd("42.50")}, {Label: k.p.Text("checkout.fee"), Value: k.p.Text("checkout.fee_in_rate")}},
			Change: &shop.Link{Label: k.p.Text("checkout.change_cart"), URL: "/cart"},
		},
	}
	top, more := shop.Arrange(k.routes(chosen), 4)
	v.Routes = shop.Routes{Top: top, More: more, MoreLabel: k.p.Count("checkout.more_currencies", len(more)), Count: k.p.Count("checkout.count", len(top)+len(more))}
	if chosen != "" {
		v.Quote = k.quote()
	}
	return v
}

func (k kit) checkoutMistakes() shop.CheckoutView {
	v := k.checkout("btc")
	v.Email.Value = "maria@example"
	v.Email.Mistake, v.Email.Focus = k.p.Text("checkout.email_bad"), true
	v.Quote.Fields[0].Value = "0x71C7656EC7ab88b098defB751B74"
	v.Quote.Fields[0].Mistake = v.Quote.Fields[0].Hint
	v.Agreement.ID, v.Agreement.Name = "agreement", "agreement"
	v.Agreement.Mistake = k.p.Text("checkout.agreement_missing", "site", "coinsbar.net")
	v.Mistakes = shop.Mistakes{Title: k.p.Count("checkout.mistakes", 3), List: []shop.Mistake{{Field: "email", Text: v.Email.Label}, {Field: "field-refund", Text: v.Quote.Fields[0].Label}, {Field: "agreement", Text: k.p.Text("checkout.agreement_label")}}}
	return v
}
