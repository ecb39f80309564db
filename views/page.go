package views

import (
	"strings"

	"mostrador/static"

	"github.com/a-h/templ"
)

// Page is what stands around the content of a page.
type Page struct {
	Lang        string           // of the texts: en, es, ru
	Title       string           // of the window, complete: see Title
	Description string           // one sentence for search engines; "": none
	Icon        PageIcon         // of the window: tells the state of an order
	Theme       string           // "light", "dark", or "" for the system's
	Shop        Shop             // whose page it is
	Languages   []Language       // what one can switch to; fewer than two: no switch
	Cart        *CartLink        // nil: no cart in the header (checkout, order)
	Back        string           // path and query of this page, to which a switch of theme or language comes back
	Width       Width            // of header, content and footer
	Rehearsal   bool             // the shop works with the sandbox: a line on top says that no money moves
	Refresh     int              // seconds after which the page loads again where scripts are off; 0: never
	NoIndex     bool             // not for search engines: everything with a secret address
	Htmx        bool             // the page changes in place (the templates set it where they need it)
	Live        bool             // the page needs the script for server-sent events
	Main        templ.Attributes // more attributes of <main>
	MainClass   string           // more classes of <main>
}

// Shop is whose page it is.
type Shop struct {
	Name      string
	Logo      string        // address of a picture; "": the mark of Mostrador
	ThemeCSS  string        // address of the sheet with the merchant's colour; "": the default
	TermsURL  templ.SafeURL // "": no link
	HelpURL   templ.SafeURL // mailto: or a page; "": no link
	Copyright string        // "© 2026 Almendra"
}

// Language is one language that a person can switch to.
type Language struct {
	Code    string // en
	Name    string // in its own words: English
	Current bool
}

// CartLink is the cart in the header.
type CartLink struct {
	Count string // "3"; "": empty
	Label string // for who does not see the icon: "Cart, 3 items"
}

// PageIcon names the icon of the window.
type PageIcon string

// The icons of the window.
const (
	IconShop      PageIcon = ""
	IconWaiting   PageIcon = "waiting"
	IconPaid      PageIcon = "paid"
	IconAttention PageIcon = "attention"
)

// URL is the icon's address.
func (i PageIcon) URL() string {
	if i == IconShop {
		return static.Path("brand/favicon.svg")
	}
	return static.Path("brand/favicon-" + string(i) + ".svg")
}

// Width is how wide the content of a page may grow.
type Width string

// The widths: for lists of goods, for two columns, for one order.
const (
	WidthShop     Width = "max-w-shop"
	WidthCheckout Width = "max-w-checkout"
	WidthOrder    Width = "max-w-order"
)

// Title joins the parts of a window's title: state, what, shop. Empty parts are left out.
func Title(parts ...string) string {
	kept := make([]string, 0, len(parts))
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

// htmxConfig keeps htmx inside the content policy: no inline style, no evaluation, no foreign requests, nothing of a page kept in storage.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"historyCacheSize":0,"refreshOnHistoryMiss":true}`

// colorScheme is the value of the meta tag: what the browser's own parts (scroll bars, fields) look like before the sheet is there.
func (p Page) colorScheme() string {
	if p.Theme == "" {
		return "light dark"
	}
	return p.Theme
}
