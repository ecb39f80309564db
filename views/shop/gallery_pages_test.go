package shop_test

import (
	"mostrador/static"
	"mostrador/views"
	"mostrador/views/shop"
)

// exhibits are all states of all pages in one language.
func exhibits(lang string) []exhibit {
	k := newKit(lang)
	list := []exhibit{
		{"catalogue", shop.Catalogue(k.catalogueView())},
		{"catalogue-search", shop.Catalogue(k.searchView())},
		{"catalogue-nothing", shop.Catalogue(k.nothingView())},
		{"catalogue-empty", shop.Catalogue(shop.CatalogueView{Page: k.shopPage(k.p.Text("catalogue.title"), views.WidthShop, "/", 0), Heading: k.p.Text("catalogue.heading"), Empty: &shop.Empty{Picture: "orders", Title: k.p.Text("catalogue.empty_title"), Text: k.p.Text("catalogue.empty_text")}})},
		{"product", shop.Product(k.productView())},
		{"product-too-many", shop.Product(k.productTooMany())},
		{"product-sold-out", shop.Product(k.productSoldOut())},
		{"cart", shop.Cart(k.cartView())},
		{"cart-problem", shop.Cart(k.cartProblem())},
		{"cart-empty", shop.Cart(shop.CartView{Page: k.shopPage(k.p.Text("cart.title"), views.WidthCheckout, "/cart", 0), Empty: &shop.Empty{Picture: "cart", Title: k.p.Text("cart.empty_title"), Text: k.p.Text("cart.empty_text"), Action: &shop.Link{Label: k.p.Text("cart.empty_action"), URL: "/"}}})},
		{"checkout-fresh", shop.Checkout(k.checkout(""))},
		{"checkout", shop.Checkout(k.checkout("btc"))},
		{"checkout-mistakes", shop.Checkout(k.checkoutMistakes())},
		{"checkout-no-route", shop.Checkout(k.checkoutNoRoute())},
		{"checkout-none", shop.Checkout(k.checkoutNone())},
		{"checkout-away", shop.Checkout(k.checkoutAway())},
		{"checkout-link", shop.Checkout(k.checkoutLink())},
		{"checkout-rest", shop.Checkout(k.checkoutRest())},
		{"amount", shop.Amount(k.amountView())},
		{"find", shop.Find(k.findView())},
		{"find-sent", shop.Find(k.findSent())},
		{"find-no-mail", shop.Find(k.findNoMail())},
		{"refund", shop.Refund(k.refundView())},
		{"receipt", shop.Receipt(k.receiptView())},
	}
	for _, m := range k.messagesViews() {
		list = append(list, exhibit{"message-" + m.Code + m.Picture, shop.Message(m)})
	}
	for _, s := range shop.States {
		list = append(list, exhibit{"order-" + string(s), shop.Order(k.order(s))})
	}
	return append(list,
		exhibit{"onsite", shop.Order(k.onsite())},
		exhibit{"onsite-told", shop.Order(k.onsiteTold())},
		exhibit{"onsite-plain", shop.Order(k.onsitePlain())},
		exhibit{"onsite-elsewhere", shop.Order(k.onsiteElsewhere())},
		exhibit{"order-came-back", shop.Order(k.cameBack())},
		exhibit{"order-waiting-long", shop.Order(k.longAmount())},
	)
}

func (k kit) catalogueView() shop.CatalogueView {
	return shop.CatalogueView{
		Page: k.shopPage("", views.WidthShop, "/", 4), Heading: k.p.Text("catalogue.heading"), Currencies: k.p.Count("catalogue.currencies", 31),
		Categories: k.categories(0), Products: k.cards(12),
	}
}

func (k kit) searchView() shop.CatalogueView {
	v := k.catalogueView()
	v.Page.Rehearsal, v.Query, v.Products = true, "la", k.cards(2)
	v.Found = k.p.Count("catalogue.found", 2, "q", "la")
	return v
}

func (k kit) nothingView() shop.CatalogueView {
	v := k.catalogueView()
	v.Query, v.Products = "samovar", nil
	v.Found = k.p.Count("catalogue.found", 0, "q", "samovar")
	v.Empty = &shop.Empty{Picture: "search", Title: k.p.Text("catalogue.none_title", "q", "samovar"), Text: k.p.Text("catalogue.none_text"), Action: &shop.Link{Label: k.p.Text("catalogue.show_all"), URL: "/"}}
	return v
}

func (k kit) productView() shop.ProductView {
	p := catalogue().Products[1]
	return shop.ProductView{
		Page: k.shopPage(p.Title[k.lang], views.WidthShop, "/products/"+p.Slug, 4), Slug: p.Slug, Title: p.Title[k.lang], Price: k.usd(p.Price), Text: []string{p.Text[k.lang], p.Description[k.lang]},
		Picture: static.Path(p.Image), Quantity: "1", Currencies: k.p.Text("product.currencies", "first", k.coin("0.00039541", "BTC"), "second", k.coin("42.42", "USDT"), "n", 29), More: k.cards(4),
	}
}

func (k kit) productTooMany() shop.ProductView {
	v := k.productView()
	v.Stock = &shop.Chip{Tone: shop.Attention, Word: k.p.Count("catalogue.left", 3)}
	v.Quantity, v.Max, v.Mistake = "5", "3", k.p.Count("product.too_many", 3)
	return v
}

func (k kit) productSoldOut() shop.ProductView {
	v := k.productView()
	v.SoldOut, v.More = k.p.Text("product.sold_out"), nil
	return v
}

func (k kit) cartView() shop.CartView {
	p := catalogue().Products
	return shop.CartView{
		Page: k.shopPage(k.p.Text("cart.title"), views.WidthCheckout, "/cart", 3), Items: k.p.Count("cart.items", 3), Sum: k.usd("42.50"), Total: k.usd("42.50"), Currencies: k.p.Count("cart.currencies", 31),
		Lines: []shop.CartLine{
			{ID: p[0].Slug, Title: p[0].Title[k.lang], URL: "/products/mug", Picture: static.Path(p[0].Image), Each: k.p.Text("cart.each", "price", k.usd("18.00")), Sum: k.usd("36.00"), Quantity: "2", Less: "1", More: "3"},
			{ID: p[5].Slug, Title: p[5].Title[k.lang], URL: "/products/notebook", Picture: static.Path(p[5].Image), Each: k.p.Text("cart.each", "price", k.usd("6.50")), Sum: k.usd("6.50"), Quantity: "1", Less: "0", More: ""},
		},
	}
}

func (k kit) cartProblem() shop.CartView {
	v := k.cartView()
	v.Problem = k.p.Text("cart.problem")
	v.Lines[0].Problem = k.p.Count("cart.line_left", 1)
	return v
}

func (k kit) checkoutNoRoute() shop.CheckoutView {
	v := k.checkout("")
	v.Routes.Mistake, v.Routes.Focus = k.p.Text("checkout.route_missing"), true
	v.Mistakes = shop.Mistakes{Title: k.p.Count("checkout.mistakes", 1), List: []shop.Mistake{{Field: "route", Text: k.p.Text("checkout.pay_with")}}}
	return v
}

func (k kit) checkoutNone() shop.CheckoutView {
	v := k.checkout("")
	v.NoCurrency = &shop.Empty{Picture: "unreachable", Title: k.p.Text("checkout.none_title"), Text: k.p.Text("checkout.none_text", "price", k.usd("0.42")), Action: &shop.Link{Label: k.p.Text("checkout.none_action"), URL: "/checkout"}}
	return v
}

func (k kit) checkoutAway() shop.CheckoutView {
	v := k.checkoutNone()
	v.NoCurrency.Title, v.NoCurrency.Text, v.NoCurrency.Again = k.p.Text("checkout.away_title"), k.p.Text("checkout.away_text"), 15
	v.Page.Refresh = 15
	return v
}

func (k kit) checkoutLink() shop.CheckoutView {
	v := k.checkout("btc")
	v.Heading = "Workshop in Granada, 12 December"
	v.Summary.Lines, v.Summary.Count, v.Summary.Change = nil, "Workshop in Granada, 12 December", nil
	v.Hidden = []shop.Hidden{{Name: "source", Value: "link"}, {Name: "link", Value: "granada"}, {Name: "attempt", Value: "made-up"}}
	return v
}

func (k kit) checkoutRest() shop.CheckoutView {
	v := k.checkout("btc")
	v.Heading, v.Lead, v.Action, v.Email = k.p.Text("checkout.title_rest", "number", "1042"), k.p.Text("checkout.lead_rest", "price", k.usd("10.63")), "/orders/made-up/pay", nil
	v.NothingSent = k.nothingSent("")
	v.Notice = &shop.Note{Tone: shop.Attention, Icon: "info", Text: k.p.Text("checkout.changed", "currency", "Bitcoin", "amount", k.coin("0.00010012", "BTC"))}
	return v
}

func (k kit) nothingSent(mistake string) *shop.Check {
	return &shop.Check{ID: "nothing_sent", Name: "nothing_sent", Text: []views.Span{{Text: k.p.Text("checkout.nothing_sent")}}, More: k.p.Text("checkout.nothing_sent_why"), Mistake: mistake}
}

func (k kit) amountView() shop.AmountView {
	return shop.AmountView{
		Page: k.page(k.p.Text("checkout.amount_title", "shop", "Almendra"), views.WidthOrder, "/pay"), Heading: k.p.Text("checkout.amount_title", "shop", "Almendra"), Lead: k.p.Text("checkout.amount_lead"), Action: "/pay", Currency: "USD",
		Amount: shop.Field{ID: "amount", Name: "amount", Label: k.p.Text("checkout.amount_label"), Inputmode: "decimal", Value: "0", Required: true, Mistake: k.p.Text("checkout.amount_bad"), Focus: true},
	}
}

func (k kit) findView() shop.FindView {
	return shop.FindView{
		Page:   k.page(k.p.Text("find.title"), views.WidthOrder, "/orders/find"),
		Number: shop.Field{ID: "number", Name: "number", Label: k.p.Text("find.number"), Inputmode: "numeric", Required: true},
		Email:  shop.Field{ID: "find-email", Name: "email", Type: "email", Label: k.p.Text("find.email"), Autocomplete: "email", Required: true},
	}
}

func (k kit) findSent() shop.FindView {
	v := k.findView()
	v.Sent = &shop.Note{Tone: shop.Good, Icon: "mail", Title: k.p.Text("find.sent_title"), Text: k.p.Text("find.sent")}
	return v
}

func (k kit) findNoMail() shop.FindView {
	v := k.findView()
	v.NoMail = &shop.Note{Tone: shop.Plain, Icon: "mail", Title: k.p.Text("find.nomail_title"), Text: k.p.Text("find.nomail"), Links: []shop.Link{{Label: k.p.Text("find.nomail_link"), URL: "mailto:help@almendra.example"}}}
	return v
}

func (k kit) receiptView() shop.ReceiptView {
	p := catalogue().Products
	return shop.ReceiptView{
		Page: k.page(k.p.Text("receipt.window", "number", "1042"), views.WidthOrder, "/orders/made-up/receipt"), Number: "1042", Back: "/orders/made-up", Seller: []string{"Calle Elvira 14, 18010 Granada", "help@almendra.example"},
		Heads: []shop.Fact{{Label: k.p.Text("receipt.paid_at"), Value: "2026-11-24 15:04"}, {Label: k.p.Text("receipt.for"), Value: "maria@example.com"}, {Label: k.p.Text("receipt.total"), Value: k.usd("42.50")}},
		Rows:  []shop.ReceiptRow{{Title: p[0].Title[k.lang], Quantity: "2", Each: k.usd("18.00"), Sum: k.usd("36.00")}, {Title: p[5].Title[k.lang], Quantity: "1", Each: k.usd("6.50"), Sum: k.usd("6.50")}}, Total: k.usd("42.50"),
		Payment: []shop.Fact{{Label: k.p.Text("receipt.sent"), Value: k.coin("0.00040012", "BTC")}, {Label: k.p.Text("receipt.rate"), Value: "1" + nbsp + "BTC = " + k.usd("106218.13")}, {Label: k.p.Text("receipt.exchanged_by"), Value: "coinsbar.net"}, {Label: k.p.Text("receipt.its_order"), Value: "7Q4KX-20261124-91"}},
		Thanks:  k.p.Text("receipt.thanks"),
	}
}

func (k kit) messagesViews() []shop.MessageView {
	toShop := shop.Link{Label: k.p.Text("message.to_shop"), URL: "/"}
	again := shop.Link{Label: k.p.Text("message.try_again"), URL: "/"}
	find := k.findView()
	view := func(code, picture string, find *shop.FindView, id string, actions ...shop.Link) shop.MessageView {
		title := k.p.Text("message." + code + "_title")
		return shop.MessageView{Page: k.page(title, views.WidthOrder, "/"), Code: code, Picture: picture, Title: title, Text: k.p.Text("message." + code), Find: find, RequestID: id, Actions: actions}
	}
	return []shop.MessageView{
		view("404", "404", &find, "", toShop), view("500", "500", nil, "01JD9Z6S4E", toShop), view("503", "unreachable", nil, "01JD9Z6S4F", again),
		view("429", "", nil, "", again), view("403", "", nil, "", toShop), view("413", "", nil, "", toShop), view("405", "", nil, "", toShop),
	}
}

// refundView has a mistake, a long text and everything else.
func (k kit) refundView() shop.RefundView {
	v := shop.RefundView{Page: k.shopPage(k.p.Text("refund.title"), views.WidthOrder, "/orders/x/refund", 0), Order: "1042", Self: "/orders/x", Action: "/orders/x/refund",
		Lead:    k.p.Text("refund.lead", "currency", "Bitcoin"),
		Address: shop.Field{ID: "address", Name: "address", Label: k.p.Text("refund.address", "symbol", "BTC"), Value: "0x52908400098527886E0F7030069857D2E4169EE7", Mistake: k.p.Text("problem.refund_address_invalid"), Required: true, Exact: true, Focus: true},
		Network: &shop.Field{ID: "network", Name: "network", Label: k.p.Text("network.label"), Help: k.p.Text("refund.network_help"), Value: "Bitcoin", Required: true},
		Reason:  shop.Field{ID: "reason", Name: "reason", Label: k.p.Text("refund.reason")}}
	v.Mistakes = shop.Mistakes{Title: k.p.Count("find.mistakes", 1), List: []shop.Mistake{{Field: "address", Text: v.Address.Label}}}
	return v
}
