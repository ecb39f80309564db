package admin

import (
	"context"
	"net/http"
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

// foundPages are the pages whose name holds every word of q.
func foundPages(ctx context.Context, q string) []found {
	rail, _ := admin.Navigation(ctx, "", nil)
	rail = append(rail, admin.NavGroup{Items: []admin.NavItem{{Href: "/admin/account", Icon: "user", Label: messages.Text(ctx, "desk.account.link")}}})
	words := strings.Fields(strings.ToLower(q))
	var list []found
	for _, g := range rail {
		for _, it := range g.Items {
			hit := true
			for _, w := range words {
				hit = hit && strings.Contains(strings.ToLower(it.Label), w)
			}
			if hit {
				list = append(list, found{Href: it.Href, Icon: it.Icon, What: it.Label})
			}
		}
	}
	return list
}
