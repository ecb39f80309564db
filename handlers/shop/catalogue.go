package shop

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/static"
	"mostrador/views"
	"mostrador/views/shop"
)

const (
	fewLeft   = 5 // from so many pieces on a page says how many are left
	moreCards = 4 // other things below a product
)

// catalogue answers GET /: everything, a category, or what was looked for.
func (s *side) catalogue(c echo.Context) error {
	key, keep := memoKey(c)
	commits := s.store.Commits() // before reading
	if keep {
		if page, ok := s.memo.get(key, commits); ok {
			return handlers.SendDrawn(c, page.plain, page.zipped)
		}
	}
	v, err := s.catalogueView(c)
	if err != nil {
		return err
	}
	if !keep {
		return handlers.HTML(c, http.StatusOK, shop.Catalogue(v))
	}
	page, err := draw(c.Request().Context(), shop.Catalogue(v))
	if err != nil {
		return err
	}
	s.memo.put(key, commits, page)
	return handlers.SendDrawn(c, page.plain, page.zipped)
}

func (s *side) catalogueView(c echo.Context) (shop.CatalogueView, error) {
	v := shop.CatalogueView{}
	ctx, p := c.Request().Context(), handlers.Printer(c)
	products, err := s.store.Products(ctx)
	if err != nil {
		return v, err
	}
	categories, err := s.store.Categories(ctx)
	if err != nil {
		return v, err
	}
	settings := s.Settings(c)
	query, slug := strings.TrimSpace(c.QueryParam("q")), c.QueryParam("category")
	title := p.Text("catalogue.title")
	v = shop.CatalogueView{Heading: settings.Heading.In(p.Lang()), Currencies: settings.Intro.In(p.Lang()), Query: query, Category: slug}
	if v.Heading == "" {
		v.Heading = p.Text("catalogue.heading")
	}
	v.Categories = []shop.Category{{Title: p.Text("catalogue.all"), URL: "/", Current: slug == ""}}
	var only *int64
	for _, k := range categories {
		name := models.ParseTexts(k.Title).In(p.Lang())
		v.Categories = append(v.Categories, shop.Category{Title: name, URL: templ.SafeURL("/?category=" + url.QueryEscape(k.Slug)), Current: slug == k.Slug})
		if slug == k.Slug {
			only, title = &k.ID, name
		}
	}
	if slug != "" && only == nil {
		return v, models.ErrNotFound
	}
	found := filter(products, only, query)
	v.Products = s.cards(p, found)
	if v.Currencies == "" {
		if n := s.currencies(ctx); n > 0 {
			v.Currencies = p.Count("catalogue.currencies", n)
		}
	}
	if query != "" {
		v.Found = p.Count("catalogue.found", len(found), "q", query)
	}
	v.Empty = nothing(p, products, found, query)
	if v.Page, err = s.shopPage(c, title, views.WidthShop); err != nil {
		return v, err
	}
	v.Page.NoIndex, v.Page.Description = query != "", described(title, v.Heading, v.Currencies)
	return v, nil
}

// described is what a search engine shows of a page: its sentences, as far as there is room for them.
func described(sentences ...string) string {
	const room = 160
	out := ""
	for _, s := range sentences {
		s = strings.Join(strings.Fields(s), " ")
		if s == "" || out != "" && utf8.RuneCountInString(out)+utf8.RuneCountInString(s)+2 > room {
			continue
		}
		if out != "" {
			if !strings.ContainsAny(out[len(out)-1:], ".!?") {
				out += "."
			}
			out += " "
		}
		out += s
	}
	return out
}

func nothing(p messages.Printer, all, found []models.Product, query string) *shop.Empty {
	everything := &shop.Link{Label: p.Text("catalogue.show_all"), URL: "/"}
	switch {
	case len(found) > 0:
		return nil
	case len(all) == 0 || query == "":
		return &shop.Empty{Picture: "orders", Title: p.Text("catalogue.empty_title"), Text: p.Text("catalogue.empty_text")}
	}
	return &shop.Empty{Picture: "search", Title: p.Text("catalogue.none_title", "q", query), Text: p.Text("catalogue.none_text"), Action: everything}
}

// filter keeps the products of a category that have every word of a search in one of their texts, in any language.
func filter(products []models.Product, category *int64, query string) []models.Product {
	words := strings.Fields(strings.ToLower(query))
	var out []models.Product
	for _, p := range products {
		if category != nil && (p.CategoryID == nil || *p.CategoryID != *category) {
			continue
		}
		text := ""
		if len(words) > 0 {
			for _, t := range []models.Texts{models.ParseTexts(p.Title), models.ParseTexts(p.Summary), models.ParseTexts(p.Description)} {
				for _, one := range t {
					text += " " + strings.ToLower(one)
				}
			}
		}
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			out = append(out, p)
		}
	}
	return out
}

func (s *side) cards(p messages.Printer, products []models.Product) []shop.Card {
	out := make([]shop.Card, 0, len(products))
	for i := range products {
		pr := &products[i]
		card := shop.Card{Title: models.ParseTexts(pr.Title).In(p.Lang()), URL: templ.SafeURL("/products/" + url.PathEscape(pr.Slug)), Price: s.price(pr.Price, p), Picture: picture(pr.Picture)}
		if left := pr.Left(); left == 0 {
			card.Note = p.Text("catalogue.sold_out")
		} else if left > 0 && left <= fewLeft {
			card.Note = p.Count("catalogue.left", int(left))
		}
		out = append(out, card)
	}
	return out
}

// price writes minor units of the shop currency in the habit of the language.
func (s *side) price(minor int64, p messages.Printer) string {
	return money.FromMinor(minor, s.Config.Shop.Currency).Text(p.Lang())
}

// picture is the address of a product's picture, which is stored as a file below /static or an upload below /pictures.
func picture(stored string) string {
	name := strings.TrimPrefix(stored, static.Prefix)
	switch {
	case stored == "" || strings.HasPrefix(stored, "/pictures/"):
		return stored
	case static.Has(name):
		return static.Path(name)
	}
	return "/pictures/" + strings.TrimPrefix(name, "/")
}

// currencies counts what can be paid with, as last seen; it asks nobody.
func (s *side) currencies(ctx context.Context) int {
	routes, err := s.store.Routes(ctx)
	if err != nil {
		return 0
	}
	payouts, err := s.svc.Payouts(ctx)
	if err != nil {
		return 0
	}
	seen := map[string]bool{}
	for _, r := range routes {
		wanted := slices.ContainsFunc(payouts, func(p config.Payout) bool { return p.Currency == r.ToXML })
		if wanted && r.Shown && r.Listed && !r.SwitchedOff && r.Problem == "" {
			seen[r.FromXML] = true
		}
	}
	return len(seen)
}

// visible finds a product that customers may see, by its slug or its number.
func (s *side) visible(ctx context.Context, key string) (*models.Product, error) {
	gone := &checkout.Problem{Kind: checkout.NotFound, Code: "product_unknown"}
	pr, err := s.store.ProductBySlug(ctx, key)
	if errors.Is(err, models.ErrNotFound) {
		id, nerr := strconv.ParseInt(key, 10, 64)
		if nerr != nil {
			return nil, gone
		}
		list, err := s.store.Products(ctx)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if list[i].ID == id {
				return &list[i], nil
			}
		}
		return nil, gone
	}
	if err != nil {
		return nil, err
	}
	if pr.Hidden {
		return nil, gone
	}
	return pr, nil
}

// product answers GET /products/{slug}.
func (s *side) product(c echo.Context) error {
	pr, err := s.visible(c.Request().Context(), c.Param("slug"))
	if err != nil {
		return err
	}
	return s.productPage(c, pr, http.StatusOK, "1", "")
}

// productPage shows a product; quantity is what stands in the field and mistake what is wrong with it.
func (s *side) productPage(c echo.Context, pr *models.Product, status int, quantity, mistake string) error {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	title := models.ParseTexts(pr.Title).In(p.Lang())
	v := shop.ProductView{Slug: pr.Slug, Title: title, Price: s.price(pr.Price, p), Picture: picture(pr.Picture), Quantity: quantity, Mistake: mistake}
	for _, t := range []string{models.ParseTexts(pr.Summary).In(p.Lang()), models.ParseTexts(pr.Description).In(p.Lang())} {
		if t != "" {
			v.Text = append(v.Text, strings.Split(t, "\n\n")...)
		}
	}
	switch left := pr.Left(); {
	case left == 0:
		v.SoldOut = p.Text("product.sold_out")
	case left > 0 && left <= fewLeft:
		v.Stock = &shop.Chip{Tone: shop.Attention, Word: p.Count("catalogue.left", int(left))}
		fallthrough
	case left > 0:
		v.Max = strconv.FormatInt(min(left, checkout.MaxQuantity), 10)
	default:
		v.Max = strconv.Itoa(checkout.MaxQuantity)
	}
	if v.SoldOut == "" {
		v.Currencies = s.today(ctx, p, pr.Price)
	}
	others, err := s.store.Products(ctx)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(o models.Product) bool { return o.ID == pr.ID })
	v.More = s.cards(p, others[:min(moreCards, len(others))])
	if v.Page, err = s.shopPage(c, title, views.WidthShop); err != nil {
		return err
	}
	v.Page.Back = "/products/" + url.PathEscape(pr.Slug)
	v.Page.Description = described(append([]string{title, v.Price}, v.Text...)...)
	return handlers.HTML(c, status, shop.Product(v))
}

// today says what a price is in two currencies. An exchanger that is slow today does not hold the page up.
func (s *side) today(ctx context.Context, p messages.Printer, price int64) string {
	n := s.currencies(ctx)
	if n == 0 {
		return ""
	}
	short := p.Text("product.currencies_short")
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	offers, err := s.svc.Offers(ctx, price)
	if err != nil {
		return short
	}
	var amounts []string
	payable := 0
	for _, o := range offers {
		if o.Problem != nil {
			continue
		}
		if payable++; len(amounts) < 2 {
			amounts = append(amounts, handlers.UnitsText(o.Units(), p.Lang()))
		}
	}
	if payable < 4 {
		return short
	}
	return p.Text("product.currencies", "first", amounts[0], "second", amounts[1], "n", payable-2)
}
