package shop

import (
	"mostrador/views"

	"github.com/a-h/templ"
)

// FindView mails the address of an order page again; the answer is the same whoever asks.
type FindView struct {
	Page     views.Page
	Number   Field
	Email    Field
	Mistakes Mistakes
	Sent     *Note // the answer; the form stays below it
	Waiting  *Note // the order of this browser that waits for money
	NoMail   *Note // the shop sends no mail: whom to ask instead of the form
}

// ReceiptView is the receipt of a paid order: one page of paper.
type ReceiptView struct {
	Page     views.Page
	Number   string
	Back     templ.SafeURL // to the order
	Seller   []string      // address lines of the shop
	Heads    []Fact        // paid at, for whom, total
	Rows     []ReceiptRow
	Total    string
	Payment  []Fact // sent by you, rate, exchanged by, its order
	Payments []Fact // more payments of the same order (the rest of an underpaid one)
	Refunds  []Fact
	Thanks   string
}

// ReceiptRow is one line of goods.
type ReceiptRow struct{ Title, Quantity, Each, Sum string }

// MessageView says that something is missing or not possible, and what to do: 404, 403, 413, 429, 500, 503.
type MessageView struct {
	Page      views.Page
	Code      string // "404"
	Picture   string // name under static/empty without its ending; "": none
	Title     string
	Text      string
	Actions   []Link    // the first is the button
	RequestID string    // what to name when writing to us; "": not shown
	Find      *FindView // with a form to find an order (404)
}
