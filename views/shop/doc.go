// Package shop holds the pages that a customer sees: catalogue, product, cart, checkout, order, receipt, find, and what is said when something is
// missing. Each page is one struct of finished text and one template; every state of a page is a value that the gallery shows
// (`go test ./views/shop -run Gallery -gallery DIR`).
//
// # Texts
//
// Fixed labels are looked up by the templates (messages/LANG/shop.yaml, by the page: catalogue.*, cart.*, checkout.*, order.* …). Sentences with
// values in them come finished in the structs. What the order page says of a state is chosen in two steps, both here so that every caller says the
// same: StateOf picks the State from the words of the domain, and OrderView.Say fills chip, sentence, explanation and note from the messages
//
//	state.<state>.chip         two or three words: what is, also in the window's title
//	state.<state>.title        one sentence for a worried person; for waiting and moved the words before the amount to pay
//	state.<state>.lead         what to do, then what we do
//	state.<state>.beneath      one line below the button (some states)
//	state.<state>.note_title, .note   an explanation below the sheet (some states)
//	…_nomail                   the same where the shop sends no mail (some texts)
//
// Their marks: {amount} what is to be paid or was paid, {price} in the shop's currency, {site} the exchanger's host, {until} {since} moments,
// {network}, {missing}, {over}, {more} {worth} (how much the rate moved), {email}, {number}. A reason for a review is a state of its own
// (review_double, review_late …).
//
// # Forms
//
// Names of fields are those of docs/design: source, link, amount, route, email, fields[KEY], agreement, attempt, nothing_sent. Two more belong to
// the pages: `step=choose` (sent by the button that only shows amount and fields of the chosen currency; the answer is the same page with 200), and
// `quoted` (the route whose amount the button showed; when it is there and is not `route`, the answer is the same page with the new amount too,
// because nobody pays an amount that was not shown). GET /quote?route=&price= with the header HX-Request answers CheckoutQuote.
//
// It imports views, messages and static. Read order.go, state.go and say.go first.
package shop
