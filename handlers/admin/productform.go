package admin

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
	"mostrador/views/admin"
)

// productForm is the form of a product: what was typed, what is wrong with it, and the product that it makes.
type productForm struct {
	c     echo.Context
	d     *desk
	old   *models.Product // nil: a new one
	typed map[string]string
	wrong map[string]string
	made  models.Product
}

var (
	slugShape    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	productTexts = []string{"title", "summary", "description"}
	textLimits   = map[string]int{"title": 120, "summary": 240, "description": 4000}
)

const maxStock = 1_000_000_000

// inLang is the name of a text's field: English is the plain name.
func inLang(field, lang string) string {
	if lang == messages.Languages[0] {
		return field
	}
	return field + "_" + lang
}

// typedProduct fills the form from a product.
func typedProduct(p *models.Product, currency string) map[string]string {
	t := map[string]string{
		"slug": p.Slug, "price": money.FromMinor(p.Price, currency).String(), "position": strconv.FormatInt(p.Position, 10), "picture": p.Picture,
		"version": strconv.FormatInt(p.Version, 10),
	}
	for _, l := range messages.Languages {
		t[inLang("title", l)], t[inLang("summary", l)], t[inLang("description", l)] = models.ParseTexts(p.Title)[l], models.ParseTexts(p.Summary)[l], models.ParseTexts(p.Description)[l]
	}
	if p.Stock != nil {
		t["stock"] = strconv.FormatInt(*p.Stock, 10)
	}
	if p.Hidden {
		t["hidden"] = "1"
	}
	if p.CategoryID != nil {
		t["category"] = strconv.FormatInt(*p.CategoryID, 10)
	}
	return t
}

// submit takes the form.
func (f *productForm) submit() error {
	u, err := readUpload(f.c, "picture")
	if err != nil {
		return err
	}
	f.wrong = map[string]string{}
	for name := range f.typed {
		if u.values.Has(name) {
			f.typed[name] = strings.TrimSpace(u.values.Get(name))
		}
	}
	for name := range u.values {
		f.typed[name] = strings.TrimSpace(u.values.Get(name))
	}
	f.typed["hidden"] = hiddenOf(u.values.Get("hidden"))
	if err := f.takePicture(u); err != nil {
		return err
	}
	f.read()
	if err := f.checkSlug(); err != nil {
		return err
	}
	if len(f.wrong) > 0 {
		return f.show(http.StatusUnprocessableEntity)
	}
	return f.store()
}

func hiddenOf(v string) string {
	if v == "" || v == "0" || v == "false" || v == "off" {
		return ""
	}
	return "1"
}

// takePicture stores what was uploaded at once, so that a mistake elsewhere does not lose it.
func (f *productForm) takePicture(u upload) error {
	if f.wrong["picture"] = pictureMistake(f.c, u.wrong); u.wrong == nil {
		delete(f.wrong, "picture")
	}
	f.typed["picture"] = ""
	if f.old != nil {
		f.typed["picture"] = f.old.Picture
	}
	if kept := u.values.Get("kept_picture"); kept != "" {
		ok, err := f.d.pictureStored(f.c, kept)
		if err != nil {
			return err
		}
		if ok {
			f.typed["picture"] = kept
		}
	}
	switch {
	case u.picture != nil:
		ctx := f.c.Request().Context()
		if err := f.d.Store.InTx(ctx, func(tx *models.Tx) error { return tx.PutPicture(ctx, u.picture) }); err != nil {
			return err
		}
		f.typed["picture"] = handlers.PicturePrefix + u.picture.Name
	case u.values.Get("drop_picture") != "":
		f.typed["picture"] = ""
	}
	return nil
}

// read makes the product of what was typed.
func (f *productForm) read() {
	c := f.c
	p := &f.made
	if f.old != nil {
		*p = *f.old
	}
	for _, field := range productTexts {
		texts := models.Texts{}
		for _, l := range messages.Languages {
			v := f.typed[inLang(field, l)]
			if n := textLimits[field]; utf8.RuneCountInString(v) > n {
				f.wrong[inLang(field, l)] = text(c, "desk.mistake.long", "n", n)
			}
			if v != "" {
				texts[l] = v
			}
		}
		switch field {
		case "title":
			p.Title = texts.JSON()
			if texts["en"] == "" {
				f.wrong["title"] = text(c, "desk.products.title_missing")
			}
		case "summary":
			p.Summary = texts.JSON()
		case "description":
			p.Description = texts.JSON()
		}
	}
	var err error
	if p.Price, err = money.Parse(f.typed["price"], f.d.Config.Shop.Currency); err != nil {
		f.wrong["price"] = f.d.amountMistake(c, f.typed["price"], err)
	}
	p.Stock = nil
	if s := f.typed["stock"]; s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 || n > maxStock {
			f.wrong["stock"] = text(c, "desk.products.stock_wrong")
		}
		p.Stock = &n
	}
	p.Position = 0
	if s := f.typed["position"]; s != "" {
		if p.Position, err = strconv.ParseInt(s, 10, 32); err != nil {
			f.wrong["position"] = text(c, "desk.mistake.number")
		}
	}
	p.Hidden, p.Picture = f.typed["hidden"] != "", f.typed["picture"]
	if s := f.typed["version"]; s != "" && f.old != nil {
		p.Version, _ = strconv.ParseInt(s, 10, 64) // no number is an old version
	}
	if utf8.RuneCountInString(f.typed["new_category"]) > 60 {
		f.wrong["new_category"] = text(c, "desk.mistake.long", "n", 60)
	}
}

// amountMistake says what is wrong with a typed amount of the shop currency.
func (d *desk) amountMistake(c echo.Context, typed string, err error) string {
	cur := d.Config.Shop.Currency
	switch {
	case errors.Is(err, money.ErrAmbiguous):
		return text(c, "desk.mistake.ambiguous", "typed", typed, "clear", money.Ungrouped(typed, cur))
	case errors.Is(err, money.ErrDecimals):
		return text(c, "desk.mistake.decimals", "n", money.Decimals(cur), "currency", cur)
	case errors.Is(err, money.ErrNegative):
		return text(c, "desk.mistake.above_zero")
	case errors.Is(err, money.ErrTooLarge):
		return text(c, "desk.mistake.too_large")
	}
	return text(c, "desk.mistake.amount")
}

// checkSlug checks the address, or makes one of the title.
func (f *productForm) checkSlug() error {
	ctx := f.c.Request().Context()
	p := &f.made
	p.Slug = f.typed["slug"]
	free := func(slug string) (bool, error) {
		if slug == "new" {
			return false, nil
		}
		have, err := f.d.Store.ProductBySlug(ctx, slug)
		if errors.Is(err, models.ErrNotFound) {
			return true, nil
		}
		return err == nil && f.old != nil && have.ID == f.old.ID, err
	}
	if p.Slug != "" {
		if !slugShape.MatchString(p.Slug) || len(p.Slug) > 80 {
			f.wrong["slug"] = text(f.c, "desk.products.slug_wrong")
			return nil
		}
		ok, err := free(p.Slug)
		if err == nil && !ok {
			f.wrong["slug"] = text(f.c, "desk.products.slug_taken", "slug", p.Slug)
		}
		return err
	}
	base := slugOf(f.typed["title"])
	for n := 1; n < 1000; n++ {
		p.Slug = base
		if n > 1 {
			p.Slug += "-" + strconv.Itoa(n)
		}
		if ok, err := free(p.Slug); ok || err != nil {
			return err
		}
	}
	f.wrong["slug"] = text(f.c, "desk.products.slug_taken", "slug", base)
	return nil
}

// store writes the product and the log.
func (f *productForm) store() error {
	c, p := f.c, &f.made
	action := "product.create"
	detail := map[string]any{"title": models.ParseTexts(p.Title).In("en"), "price": money.FromMinor(p.Price, f.d.Config.Shop.Currency).String()}
	if f.old != nil {
		action, detail = "product.update", map[string]any{"changed": f.changed()}
	}
	err := f.d.recorded(c, action, p.Slug, detail, func(ctx context.Context, tx *models.Tx) error {
		if err := f.putCategory(ctx, tx); err != nil {
			return err
		}
		if f.old == nil {
			return tx.InsertProduct(ctx, p)
		}
		next := *p // the transaction may run again
		return tx.UpdateProduct(ctx, &next)
	})
	switch {
	case errors.Is(err, models.ErrConflict):
		f.wrong["slug"] = text(c, "desk.products.slug_taken", "slug", p.Slug)
		return f.show(http.StatusUnprocessableEntity)
	case errors.Is(err, models.ErrChanged):
		return f.conflict()
	case err != nil:
		return err
	}
	return f.d.done(c, "/admin/products", text(c, "desk.products.saved", "title", models.ParseTexts(p.Title).In(messages.From(c.Request().Context()).Lang())))
}

// putCategory finds the chosen category, or makes a new one of what was typed.
func (f *productForm) putCategory(ctx context.Context, tx *models.Tx) error {
	f.made.CategoryID = nil
	if title := f.typed["new_category"]; title != "" {
		g := models.Category{Slug: slugOf(title), Title: models.Texts{"en": title}.JSON()}
		list, err := f.d.Store.Categories(ctx)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(list, func(h models.Category) bool { return h.Slug == g.Slug }); i >= 0 {
			f.made.CategoryID = &list[i].ID
			return nil
		}
		g.Position = int64(len(list) + 1)
		if err := tx.InsertCategory(ctx, &g); err != nil {
			return err
		}
		f.made.CategoryID = &g.ID
		return nil
	}
	if id, err := strconv.ParseInt(f.typed["category"], 10, 64); err == nil && id > 0 {
		list, err := f.d.Store.Categories(ctx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(g models.Category) bool { return g.ID == id }) {
			f.made.CategoryID = &id
		}
	}
	return nil
}

// changed names the fields that differ from the product that was there.
func (f *productForm) changed() []string {
	was := typedProduct(f.old, f.d.Config.Shop.Currency)
	is := typedProduct(&f.made, f.d.Config.Shop.Currency)
	list := []string{}
	for _, name := range f.names() {
		if name != "version" && name != "category" && was[name] != is[name] {
			list = append(list, name+": "+short(was[name])+" → "+short(is[name]))
		}
	}
	return list
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	if s == "" {
		return "∅"
	}
	return s
}

// names are the form's fields in their order.
func (f *productForm) names() []string {
	list := []string{"price", "stock", "slug", "hidden", "category", "position", "picture", "version"}
	for _, field := range productTexts {
		for _, l := range messages.Languages {
			list = append(list, inLang(field, l))
		}
	}
	return list
}

// conflict shows both versions after somebody else was faster.
func (f *productForm) conflict() error {
	c := f.c
	theirs, err := f.d.Store.ProductBySlug(c.Request().Context(), f.old.Slug)
	if err != nil {
		return err
	}
	now, mine := typedProduct(theirs, f.d.Config.Shop.Currency), f.typed
	mine["price"] = money.FromMinor(f.made.Price, f.d.Config.Shop.Currency).String()
	v := admin.ConflictView{
		Title: text(c, "desk.products.conflict"), Text: text(c, "desk.settings.conflict_text"),
		Leave: admin.Link{Label: text(c, "desk.conflict.leave"), Href: "/admin/products/" + theirs.Slug},
		Again: admin.Button{Action: "/admin/products/" + theirs.Slug, Label: text(c, "desk.conflict.again"), Class: "btn-plain"},
	}
	for _, name := range f.names() {
		sent, value := name, mine[name]
		switch name {
		case "version":
			value = now["version"]
		case "picture":
			sent = "kept_picture"
		}
		v.Again.Fields = append(v.Again.Fields, admin.Hidden{Name: sent, Value: value})
		if name != "version" && name != "category" && (now[name] != "" || mine[name] != "") {
			v.Rows = append(v.Rows, admin.ConflictRow{Label: f.label(name), Theirs: now[name], Yours: mine[name], Differs: now[name] != mine[name]})
		}
	}
	return f.d.render(c, http.StatusConflict, page{nav: "products", title: text(c, "desk.nav.products")}, admin.Conflict(v))
}

// label is the words of a field, with the language of a text that is not English.
func (f *productForm) label(name string) string {
	for _, l := range messages.Languages[1:] {
		if field, ok := strings.CutSuffix(name, "_"+l); ok {
			return text(f.c, "desk.products."+field) + ", " + messages.For(l).Text("language.name")
		}
	}
	return text(f.c, "desk.products."+name)
}

// show draws the form with what was typed and what is wrong with it.
func (f *productForm) show(status int) error {
	c := f.c
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.products.new"), Crumb: &admin.Link{Label: text(c, "desk.nav.products"), Href: "/admin/products"}}}
	form := admin.FormView{Action: "/admin/products", Upload: true, Bar: true, Save: text(c, "desk.products.save"), Leave: &admin.Link{Label: text(c, "desk.leave"), Href: "/admin/products"}}
	if f.old != nil {
		v.Head.Title = models.ParseTexts(f.old.Title).In(messages.From(c.Request().Context()).Lang())
		form.Action = "/admin/products/" + f.old.Slug
		form.Hidden = append(form.Hidden, admin.Hidden{Name: "version", Value: f.typed["version"]})
		v.Head.Actions = admin.LinkButton(admin.Link{Label: text(c, "desk.products.in_shop"), Href: "/products/" + f.old.Slug, Icon: "external-link"}, "btn-sm btn-plain")
	}
	if p := f.typed["picture"]; p != "" && strings.HasPrefix(p, handlers.PicturePrefix) {
		form.Hidden = append(form.Hidden, admin.Hidden{Name: "kept_picture", Value: p})
	}
	controls, err := f.controls()
	if err != nil {
		return err
	}
	form.Controls = controls
	if !can(c, staff.Work) {
		v.Notes = append(v.Notes, admin.NoteView{Tone: admin.Plain, Icon: "lock", Text: readOnly(c, staff.Work)})
		var facts []admin.Fact
		for _, name := range f.names() {
			if val := f.typed[name]; val != "" && name != "version" && name != "category" && name != "hidden" && name != "picture" {
				facts = append(facts, admin.Fact{Label: f.label(name), Text: val})
			}
		}
		v.Parts = []admin.PartView{{Facts: facts}}
		return f.d.stack(c, status, "products", v)
	}
	v.Parts = []admin.PartView{{Form: &form}}
	return f.d.stack(c, status, "products", v)
}

// controls are the form's fields, texts in all languages last.
func (f *productForm) controls() ([]admin.Control, error) {
	c := f.c
	field := func(name string, x admin.Field) admin.Field {
		x.Name, x.Value, x.Mistake = name, f.typed[name], f.wrong[name]
		if x.Label == "" {
			x.Label = f.label(name)
		}
		return x
	}
	stockHelp := text(c, "desk.products.stock_help")
	if f.old != nil && f.old.Held > 0 {
		stockHelp = text(c, "desk.products.stock_held", "held", f.old.Held)
	}
	list, err := f.d.Store.Categories(c.Request().Context())
	if err != nil {
		return nil, err
	}
	categories := []admin.Option{{Label: text(c, "desk.products.no_category"), On: f.typed["category"] == ""}}
	for _, g := range list {
		id := strconv.FormatInt(g.ID, 10)
		categories = append(categories, admin.Option{Value: id, Label: models.ParseTexts(g.Title).In(messages.From(c.Request().Context()).Lang()), On: f.typed["category"] == id})
	}
	out := []admin.Control{
		{Field: field("title", admin.Field{Required: true, Lang: "en", Focus: f.old == nil})},
		{Field: field("price", admin.Field{Required: true, Mode: "decimal", Unit: f.d.Config.Shop.Currency, Help: text(c, "desk.products.price_help")})},
		{Field: field("stock", admin.Field{Mode: "numeric", Help: stockHelp})},
		{Field: field("slug", admin.Field{Before: "/products/", Exact: true, Help: text(c, "desk.products.slug_help")})},
		{As: admin.AsTick, Tick: admin.TickView{Name: "hidden", ID: "hidden", Value: "1", Label: text(c, "desk.products.hidden"), Help: text(c, "desk.products.hidden_help"), On: f.typed["hidden"] != ""}},
		{As: admin.AsFile, Accept: "image/png,image/jpeg", Picture: pictureAddress(f.typed["picture"]), Field: admin.Field{Name: "picture", Label: text(c, "desk.products.picture"), Help: text(c, "desk.products.picture_help"), Mistake: f.wrong["picture"]}},
	}
	if f.typed["picture"] != "" {
		out = append(out, admin.Control{As: admin.AsTick, Tick: admin.TickView{Name: "drop_picture", ID: "drop_picture", Value: "1", Label: text(c, "desk.products.drop_picture")}})
	}
	out = append(out,
		admin.Control{As: admin.AsChoice, Field: field("category", admin.Field{}), Options: categories},
		admin.Control{Field: field("new_category", admin.Field{Help: text(c, "desk.products.new_category_help")})},
		admin.Control{Field: field("position", admin.Field{Mode: "numeric", Help: text(c, "desk.products.position_help")})},
	)
	for _, l := range messages.Languages {
		out = append(out, admin.Control{As: admin.AsHead, Field: admin.Field{Label: messages.For(l).Text("language.name")}})
		if l != messages.Languages[0] {
			out = append(out, admin.Control{Field: field(inLang("title", l), admin.Field{Lang: l})})
		}
		out = append(out, admin.Control{Field: field(inLang("summary", l), admin.Field{Lang: l})},
			admin.Control{As: admin.AsArea, Field: field(inLang("description", l), admin.Field{Lang: l, Rows: 4})})
	}
	return out, nil
}

var latin = strings.NewReplacer("а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ё", "e", "ж", "zh", "з", "z", "и", "i", "й", "y", "к", "k", "л", "l", "м", "m", "н", "n", "о", "o",
	"п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f", "х", "h", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "sch", "ъ", "", "ы", "y", "ь", "", "э", "e", "ю", "yu", "я", "ya",
	"á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n", "ç", "c", "à", "a", "è", "e", "ö", "o", "ä", "a", "ß", "ss")

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slugOf makes the part of an address of a title.
func slugOf(title string) string {
	s := strings.Trim(notSlug.ReplaceAllString(latin.Replace(strings.ToLower(title)), "-"), "-")
	if len(s) > 60 {
		s = strings.Trim(s[:60], "-")
	}
	if s == "" {
		return "item"
	}
	return s
}
