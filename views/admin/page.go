package admin

import (
	"context"

	"mostrador/messages"
	"mostrador/views"
)

// Desk is what stands around a page of somebody who is signed in.
type Desk struct {
	Lang      string
	Title     string // of the window, complete: see views.Title
	Theme     string // light, dark, or "" for the system's
	ThemeCSS  string // address of the sheet with the merchant's colour; ""
	Shop      string // its name
	Rehearsal bool   // the exchanger is the sandbox
	Email     string // who is in
	Letter    string // the first of Email
	Role      string // in words
	Nav       []NavGroup
	Dock      []NavItem // the bottom bar of a phone
	Back      string    // path and query, to which a switch of theme or language comes back
	Flash     string    // what the page before has to say; ""
	Live      bool      // the page needs the script for server-sent events
	Refresh   string    // seconds after which the page loads again where scripts are off, with the address; "": never
}

// Outside is what stands around a page of somebody who is not in: sign-in, first start, invitation.
type Outside struct {
	Lang, Title, Theme, ThemeCSS, Shop string
	Back                               string
	Wide                               bool   // the first start's two columns
	Aside                              string // a few words at the right of the shop's name
	Refresh                            int    // seconds after which the page loads again; 0: never
	SignOut                            bool   // somebody is in: the page has a way out
}

// NavGroup is a part of the rail.
type NavGroup struct {
	Title string // "": the first part has none
	Items []NavItem
}

// NavItem is one entry of the rail or the bottom bar.
type NavItem struct {
	Key, Href, Icon, Label string
	Tally                  int // what needs a person; 0: nothing
	Current                bool
}

// navigation is the order of the desk's pages: nine visits of ten first, then what is sold, where the money goes, what talks with other
// machines, and how it runs.
var navigation = []struct {
	title string
	items []NavItem
}{
	{"", []NavItem{{Key: "overview", Href: "/admin", Icon: "inbox"}, {Key: "orders", Href: "/admin/orders", Icon: "receipt-text"}}},
	{"sell", []NavItem{{Key: "products", Href: "/admin/products", Icon: "package"}, {Key: "links", Href: "/admin/links", Icon: "link"}}},
	{"money", []NavItem{{Key: "routes", Href: "/admin/routes", Icon: "route"}, {Key: "payouts", Href: "/admin/payouts", Icon: "wallet"}, {Key: "reports", Href: "/admin/reports", Icon: "file-text"}}},
	{"connections", []NavItem{{Key: "notifications", Href: "/admin/notifications", Icon: "bell"}, {Key: "webhooks", Href: "/admin/webhooks", Icon: "webhook"}, {Key: "keys", Href: "/admin/keys", Icon: "key-round"}}},
	{"running", []NavItem{{Key: "health", Href: "/admin/health", Icon: "activity"}, {Key: "log", Href: "/admin/log", Icon: "scroll-text"}, {Key: "staff", Href: "/admin/staff", Icon: "users"}, {Key: "settings", Href: "/admin/settings", Icon: "settings"}}},
}

// Navigation makes the rail and the bottom bar for the page current; tally says by key what needs a person.
func Navigation(ctx context.Context, current string, tally map[string]int) (rail []NavGroup, dock []NavItem) {
	inDock := map[string]NavItem{}
	known := false
	for _, g := range navigation {
		group := NavGroup{}
		if g.title != "" {
			group.Title = messages.Text(ctx, "desk.nav."+g.title)
		}
		for _, it := range g.items {
			it.Label, it.Tally, it.Current = messages.Text(ctx, "desk.nav."+it.Key), tally[it.Key], it.Key == current
			group.Items = append(group.Items, it)
			inDock[it.Key] = it
			known = known || it.Current && (it.Key == "overview" || it.Key == "orders" || it.Key == "products")
		}
		rail = append(rail, group)
	}
	find := NavItem{Key: "find", Href: "/admin/find", Icon: "search", Label: messages.Text(ctx, "desk.nav.find"), Current: current == "find"}
	more := NavItem{Key: "more", Href: "/admin/more", Icon: "menu", Label: messages.Text(ctx, "desk.nav.more"), Current: !known && current != "find"}
	return rail, []NavItem{inDock["overview"], inDock["orders"], find, inDock["products"], more}
}

// scheme is the value of the meta tag color-scheme.
func scheme(theme string) string {
	if theme == "" {
		return "light dark"
	}
	return theme
}

// languages are what the desk speaks, each in its own words.
func languages(current string) []views.Language {
	var out []views.Language
	for _, l := range messages.Languages {
		out = append(out, views.Language{Code: l, Name: messages.For(l).Text("language.name"), Current: l == current})
	}
	return out
}

func pressed(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

// shortcuts are the keys of the desk and what they do.
var shortcuts = [][2]string{{"Ctrl K", "desk.letters.find"}, {"/", "desk.letters.search"}, {"g o", "desk.letters.overview"}, {"g r", "desk.letters.orders"}, {"g h", "desk.letters.health"}, {"j  k", "desk.letters.move"}, {"x", "desk.letters.tick"},
	{"Enter", "desk.letters.open"}, {"c", "desk.letters.check"}, {"r", "desk.letters.rest"}, {"a", "desk.letters.accept"}, {"[  ]", "desk.letters.next"}, {"?", "desk.letters.list"}}
