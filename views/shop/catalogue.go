package shop

import (
	"mostrador/views"

	"github.com/a-h/templ"
)

// CatalogueView is the front page: what the shop sells, or what of it was looked for.
type CatalogueView struct {
	Page       views.Page
	Heading    string     // the shop's one line
	Currencies string     // "Pay from your own wallet, in any of 31 currencies"
	Query      string     // what was searched for
	Category   string     // slug of the chosen category, kept by a search
	Categories []Category // the first leads to everything
	Found      string     // "2 things for “mug”"; "": nothing was searched for
	Products   []Card
	Empty      *Empty // instead of products
}

// Category is a part of the catalogue.
type Category struct {
	Title   string
	URL     templ.SafeURL
	Current bool
}

// Card is one product in the grid.
type Card struct {
	Title   string
	URL     templ.SafeURL
	Price   string
	Picture string // address; "": the drawing for goods without a picture
	Note    string // "Only 3 left", "Sold out"
}

// ProductView is the page of one product.
type ProductView struct {
	Page       views.Page
	Slug       string
	Title      string
	Price      string
	Text       []string // paragraphs
	Picture    string
	Stock      *Chip  // "Only 3 left"; nil: nothing to say
	SoldOut    string // instead of the buttons
	Quantity   string // in the field
	Max        string // how many can be taken; "": any number
	Mistake    string // why the last attempt did not work: more than is left
	Currencies string // "Today 0.00022595 BTC, 24.24 USDT or one of 29 others"
	Facts      []Fact
	More       []Card // other things
}

// Fact is a row of a list: what, and its value.
type Fact struct{ Label, Value string }

// CartView is what the customer has picked.
type CartView struct {
	Page       views.Page
	Lines      []CartLine
	Items      string // "4 items"
	Sum        string
	Total      string
	Problem    string // why one cannot check out yet: some lines want more than is left
	Currencies string // "31 currencies. You choose one in the next step."
	Empty      *Empty // instead of lines
	Note       *Note  // what of an earlier order could not be put in again
}

// page adds to the shell what a change of a quantity needs to happen in place.
func (v CartView) page() views.Page {
	p := v.Page
	p.Width, p.Htmx = views.WidthCheckout, v.Empty == nil
	return p
}

// CartLine is one kind of goods in the cart.
type CartLine struct {
	ID       string // of the product, as in POST /cart/{product}
	Title    string
	URL      templ.SafeURL
	Picture  string
	Each     string // "$9.00 each"
	Sum      string
	Quantity string
	Less     string // the quantity that the button "one less" sets
	More     string // the quantity that "one more" sets; "": no more are left
	Problem  string // "Only 1 left", with what to do
}

// lazyAfter lets the pictures behind the first n wait until they come near.
func lazyAfter(i, n int) string {
	if i < n {
		return "eager"
	}
	return "lazy"
}
