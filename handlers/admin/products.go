package admin

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
	"mostrador/views/admin"
)

// products lists what the shop sells, hidden ones too.
func (d *desk) products(c echo.Context) error {
	ctx := c.Request().Context()
	all, err := d.Store.AllProducts(ctx)
	if err != nil {
		return err
	}
	categories, err := d.Store.Categories(ctx)
	if err != nil {
		return err
	}
	lang := messages.From(ctx).Lang()
	names := map[int64]string{}
	for _, g := range categories {
		names[g.ID] = models.ParseTexts(g.Title).In(lang)
	}
	q := strings.ToLower(strings.TrimSpace(c.QueryParam("q")))
	list := admin.ListView{
		Label: text(c, "desk.nav.products"), Columns: []admin.Column{
			{Label: text(c, "desk.products.title")},
			{Label: text(c, "desk.products.price"), Num: true},
			{Label: text(c, "desk.products.stock"), Num: true},
			{Label: text(c, "desk.products.held"), Num: true},
			{Label: text(c, "desk.products.category"), Drop: true},
			{Label: text(c, "desk.goods.state")},
		},
		Empty: &admin.EmptyView{Icon: "package", Title: text(c, "desk.products.empty"), Text: text(c, "desk.products.empty_text")},
	}
	if q != "" {
		list.Empty = &admin.EmptyView{Icon: "package", Title: text(c, "desk.goods.nothing"), Links: []admin.Link{{Label: text(c, "desk.filter.clear"), Href: "/admin/products"}}}
	}
	for i := range all {
		p := &all[i]
		title := models.ParseTexts(p.Title).In(lang)
		if q != "" && !strings.Contains(strings.ToLower(p.Title+" "+p.Slug), q) {
			continue
		}
		row := admin.Row{ID: "product-" + p.Slug, Off: p.Hidden, Cells: []admin.Cell{
			{Body: admin.Thumb(pictureAddress(p.Picture), title, "/products/"+p.Slug), Href: "/admin/products/" + p.Slug, Title: true},
			{Text: d.price(c, p.Price)},
			{Text: stockText(c, p)},
			{Text: strconv.FormatInt(p.Held, 10)},
			{},
			{Body: productState(c, p)},
		}}
		if p.CategoryID != nil {
			row.Cells[4].Text = names[*p.CategoryID]
		}
		list.Rows = append(list.Rows, row)
	}
	v := admin.StackView{
		Head:   admin.Head{Title: text(c, "desk.nav.products"), Lead: text(c, "desk.products.lead")},
		Filter: &admin.FilterView{Action: "/admin/products", On: q != "", Parts: []admin.FilterPart{{Field: admin.Field{Name: "q", Type: "search", Label: text(c, "desk.goods.search"), Value: c.QueryParam("q")}, Class: "w-40!"}}},
		Parts:  []admin.PartView{{List: &list}},
	}
	if can(c, staff.Work) {
		v.Head.Actions = admin.LinkButton(admin.Link{Label: text(c, "desk.products.add"), Href: "/admin/products/new", Icon: "plus"}, "btn-primary")
	}
	return d.stack(c, http.StatusOK, "products", v)
}

func stockText(c echo.Context, p *models.Product) string {
	if p.Stock == nil {
		return text(c, "desk.products.uncounted")
	}
	return strconv.FormatInt(*p.Stock, 10)
}

func productState(c echo.Context, p *models.Product) templ.Component {
	switch left := p.Left(); {
	case p.Hidden:
		return chip(admin.Plain, "eye-off", text(c, "desk.products.is_hidden"))
	case left == 0:
		return chip(admin.Attention, "triangle-alert", text(c, "desk.products.sold_out"))
	}
	return chip(admin.Good, "eye", text(c, "desk.products.is_shown"))
}

// findProducts is what Ctrl K finds among products.
func (d *desk) findProducts(ctx context.Context, q string) (string, []found, error) {
	all, err := d.Store.AllProducts(ctx)
	if err != nil {
		return "", nil, err
	}
	p := messages.From(ctx)
	q = strings.ToLower(q)
	var list []found
	for i := range all {
		if strings.Contains(strings.ToLower(all[i].Title+" "+all[i].Slug), q) && len(list) < 5 {
			list = append(list, found{
				Href: "/admin/products/" + all[i].Slug, Icon: "package", What: models.ParseTexts(all[i].Title).In(p.Lang()),
				Note: money.FromMinor(all[i].Price, d.Config.Shop.Currency).Text(p.Lang()),
			})
		}
	}
	return p.Text("desk.nav.products"), list, nil
}

func (d *desk) newProduct(c echo.Context) error {
	f := productForm{c: c, d: d, typed: map[string]string{"position": "0"}}
	return f.show(http.StatusOK)
}

// product is the page of one product.
func (d *desk) product(c echo.Context) error {
	p, err := d.Store.ProductBySlug(c.Request().Context(), c.Param("slug"))
	if err != nil {
		return err
	}
	f := productForm{c: c, d: d, old: p, typed: typedProduct(p, d.Config.Shop.Currency)}
	return f.show(http.StatusOK)
}

func (d *desk) createProduct(c echo.Context) error {
	f := productForm{c: c, d: d, typed: map[string]string{}}
	return f.submit()
}

func (d *desk) updateProduct(c echo.Context) error {
	p, err := d.Store.ProductBySlug(c.Request().Context(), c.Param("slug"))
	if err != nil {
		return err
	}
	f := productForm{c: c, d: d, old: p, typed: typedProduct(p, d.Config.Shop.Currency)}
	return f.submit()
}
