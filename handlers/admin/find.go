package admin

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/messages"
	"mostrador/views/admin"
)

func textIn(ctx context.Context, key string, args ...any) string {
	return messages.Text(ctx, key, args...)
}

// more is the rest of the rail, for a phone.
func (d *desk) more(c echo.Context) error {
	ctx := c.Request().Context()
	rail, _ := admin.Navigation(ctx, "", nil)
	p := me(c)
	v := admin.MoreView{Groups: rail, Email: p.Email, Role: text(c, "desk.role."+p.Role), Theme: theme(c), Lang: messages.From(ctx).Lang(), Back: "/admin/more"}
	return d.render(c, http.StatusOK, page{nav: "more", title: text(c, "desk.nav.more")}, admin.More(v))
}

// find is what Ctrl K opens: a page of its own with scripts off, its list alone for the script.
func (d *desk) find(c echo.Context) error {
	ctx, q := c.Request().Context(), strings.TrimSpace(c.QueryParam("q"))
	v := admin.FindView{Q: q}
	if q != "" {
		for _, f := range d.finders {
			title, list, err := f(ctx, q)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				v.Groups = append(v.Groups, admin.FoundGroup{Title: title, Items: list})
			}
		}
	}
	if pages := foundPages(ctx, q); len(pages) > 0 {
		v.Groups = append(v.Groups, admin.FoundGroup{Title: text(c, "desk.find.pages"), Items: pages})
	}
	n := 0
	for g := range v.Groups {
		for i := range v.Groups[g].Items {
			n++
			v.Groups[g].Items[i].N = n
		}
	}
	if c.Request().Header.Get("X-Palette") != "" {
		return fragment(c, admin.Found(v))
	}
	return d.render(c, http.StatusOK, page{nav: "find", title: text(c, "desk.find.title")}, admin.Find(v))
}

// places are what else can be looked for by what somebody wants to do, beside the pages of the rail; the texts that it is found by are desk.find.words.KEY.
var places = []struct{ key, href, icon, label string }{
	{"new_product", "/admin/products/new", "plus", "desk.products.add"},
	{"refund", "/admin/orders?refund=asked", "undo-2", "desk.find.refund"},
	{"files", "/admin/reports#h-files", "download", "desk.find.files"},
	{"password", "/admin/account#h-password", "lock", "desk.account.password"},
	{"second", "/admin/account#h-second", "shield-check", "desk.second.heading"},
	{"account", "/admin/account", "user", "desk.account.link"},
}

// foundPages are the pages, and things to do, whose name or whose words hold every word of q.
func foundPages(ctx context.Context, q string) []found {
	words := strings.Fields(strings.ToLower(q))
	var list []found
	add := func(key, href, icon, label string) {
		by := label
		if key = "desk.find.words." + key; messages.Has(key) {
			by += " " + messages.Text(ctx, key)
		}
		by = strings.ToLower(by)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(by, w) }) {
			list = append(list, found{Href: href, Icon: icon, What: label})
		}
	}
	rail, _ := admin.Navigation(ctx, "", nil)
	for _, g := range rail {
		for _, it := range g.Items {
			add(it.Key, it.Href, it.Icon, it.Label)
		}
	}
	for _, p := range places {
		add(p.key, p.href, p.icon, messages.Text(ctx, p.label))
	}
	return list
}
