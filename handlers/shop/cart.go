package shop

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/views"
	"mostrador/views/shop"
)

const (
	cartCookie = "cart"
	cartAge    = 30 * 24 * 3600 // seconds
)

var tokenShape = regexp.MustCompile(`^[a-z0-9]{16,64}$`)

// cartToken is the token of this browser's cart; "" when it has none.
func cartToken(c echo.Context) string {
	if t := handlers.Cookie(c, cartCookie); tokenShape.MatchString(t) {
		return t
	}
	return ""
}

// shopPage is the frame of a page with the cart in its header.
func (s *side) shopPage(c echo.Context, title string, width views.Width) (views.Page, error) {
	p := handlers.Printer(c)
	page := s.Page(c, title, width)
	page.Cart = &views.CartLink{Label: p.Text("layout.cart_empty")}
	token := cartToken(c)
	if token == "" {
		return page, nil
	}
	lines, err := s.store.CartLines(c.Request().Context(), token)
	if err != nil {
		return page, err
	}
	if n := pieces(lines); n > 0 {
		page.Cart = &views.CartLink{Count: strconv.Itoa(n), Label: p.Count("layout.cart", n)}
	}
	return page, nil
}

func pieces(lines []models.CartLine) int {
	n := int64(0)
	for _, l := range lines {
		n += l.Quantity
	}
	return int(n)
}

// quantityOf reads a quantity: a whole number from 0 to MaxQuantity.
func quantityOf(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return n, err == nil && n >= 0 && n <= checkout.MaxQuantity
}

// addToCart answers POST /cart: product (slug or number) and quantity (1 when it is missing). then=checkout goes on to pay.
func (s *side) addToCart(c echo.Context) error {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	form, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	pr, err := s.visible(ctx, form.Get("product"))
	if err != nil {
		return err
	}
	typed := form.Get("quantity")
	if !form.Has("quantity") {
		typed = "1"
	}
	n, ok := quantityOf(typed)
	if !ok || n == 0 {
		return s.productPage(c, pr, http.StatusUnprocessableEntity, typed, p.Text("product.bad_quantity"))
	}
	token := cartToken(c)
	have := int64(0)
	if token != "" {
		lines, err := s.store.CartLines(ctx, token)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l.ProductID == pr.ID {
				have = l.Quantity
			}
		}
	} else {
		token = strings.ToLower(rand.Text())
	}
	if left := pr.Left(); left >= 0 && have+n > left {
		return s.productPage(c, pr, http.StatusUnprocessableEntity, typed, p.Count("product.too_many", int(left)))
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		return tx.SetCartLine(ctx, token, pr.ID, n, checkout.MaxQuantity, true)
	})
	if err != nil {
		return err
	}
	s.SetCookie(c, cartCookie, token, cartAge)
	if form.Get("then") == "checkout" {
		return redirect(c, "/checkout")
	}
	return redirect(c, "/cart")
}

// setCart answers POST /cart/{product}: the quantity of one line; 0 takes it out.
func (s *side) setCart(c echo.Context) error {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	form, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	pr, err := s.visible(ctx, c.Param("product"))
	if err != nil {
		return err
	}
	typed := form.Get("quantity")
	n, ok := quantityOf(typed)
	if !ok {
		return s.cartPage(c, http.StatusUnprocessableEntity, pr.ID, typed, p.Text("product.bad_quantity"))
	}
	if left := pr.Left(); left >= 0 && n > left {
		return s.cartPage(c, http.StatusUnprocessableEntity, pr.ID, typed, leftText(p, left))
	}
	token := cartToken(c)
	if token == "" {
		if n == 0 {
			return redirect(c, "/cart")
		}
		token = strings.ToLower(rand.Text())
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		return tx.SetCartLine(ctx, token, pr.ID, n, checkout.MaxQuantity, false)
	})
	if err != nil {
		return err
	}
	s.SetCookie(c, cartCookie, token, cartAge)
	return redirect(c, "/cart")
}

func leftText(p messages.Printer, left int64) string {
	if left == 0 {
		return p.Text("cart.line_gone")
	}
	return p.Count("cart.line_left", int(left))
}

// cart answers GET /cart.
func (s *side) cart(c echo.Context) error {
	return s.cartPage(c, http.StatusOK, 0, "", "")
}

// cartPage shows the cart. wrong is the product whose quantity was refused, with what was typed and why.
func (s *side) cartPage(c echo.Context, status int, wrong int64, typed, why string) error {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	lines, err := s.cartLines(ctx, c)
	if err != nil {
		return err
	}
	v := shop.CartView{}
	if v.Page, err = s.shopPage(c, p.Text("cart.title"), views.WidthCheckout); err != nil {
		return err
	}
	v.Page.Back, v.Page.NoIndex = "/cart", true
	noStore(c)
	if v.Note, err = s.gone(c); err != nil {
		return err
	}
	if v.Note == nil {
		if v.Note, err = s.scarce(c); err != nil {
			return err
		}
	}
	if v.Note == nil {
		if v.Note, err = s.waiting(c); err != nil {
			return err
		}
	}
	if len(lines) == 0 {
		v.Empty = &shop.Empty{Picture: "cart", Title: p.Text("cart.empty_title"), Text: p.Text("cart.empty_text"), Action: &shop.Link{Label: p.Text("cart.empty_action"), URL: "/"}}
		return handlers.HTML(c, status, shop.Cart(v))
	}
	total := int64(0)
	for _, l := range lines {
		line := s.cartLine(p, l)
		if l.ProductID == wrong {
			line.Quantity, line.Problem = typed, why
		}
		if line.Problem != "" {
			v.Problem = p.Text("cart.problem")
		}
		v.Lines = append(v.Lines, line)
		total += l.Quantity * l.Product.Price
	}
	v.Items = p.Count("cart.items", pieces(lines))
	v.Sum = s.price(total, p)
	v.Total = v.Sum
	if n := s.currencies(ctx); n > 0 {
		v.Currencies = p.Count("cart.currencies", n)
	}
	return handlers.HTML(c, status, shop.Cart(v))
}

// gone says once what was taken from sale while it was in the cart, and takes it out; nil: nothing was.
func (s *side) gone(c echo.Context) (*shop.Note, error) {
	ctx, p, token := c.Request().Context(), handlers.Printer(c), cartToken(c)
	if token == "" || c.Request().Method == http.MethodHead {
		return nil, nil
	}
	list, err := s.store.HiddenInCart(ctx, token)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var parts []string
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		parts = nil
		for i := range list {
			parts = append(parts, p.Text("cart.gone", "title", models.ParseTexts(list[i].Title).In(p.Lang())))
			if err := tx.SetCartLine(ctx, token, list[i].ID, 0, checkout.MaxQuantity, false); err != nil {
				return err
			}
		}
		return nil
	})
	return &shop.Note{Tone: shop.Attention, Icon: "info", Title: p.Text("cart.again_title"), Text: strings.Join(parts, " ")}, err
}

func (s *side) cartLines(ctx context.Context, c echo.Context) ([]models.CartLine, error) {
	token := cartToken(c)
	if token == "" {
		return nil, nil
	}
	return s.store.CartLines(ctx, token)
}

func (s *side) cartLine(p messages.Printer, l models.CartLine) shop.CartLine {
	pr := &l.Product
	line := shop.CartLine{
		ID: pr.Slug, Title: models.ParseTexts(pr.Title).In(p.Lang()), URL: templ.SafeURL("/products/" + url.PathEscape(pr.Slug)), Picture: picture(pr.Picture),
		Each: p.Text("cart.each", "price", s.price(pr.Price, p)), Sum: s.price(pr.Price*l.Quantity, p), Quantity: strconv.FormatInt(l.Quantity, 10),
		Less: strconv.FormatInt(l.Quantity-1, 10),
	}
	left := pr.Left()
	if l.Quantity < checkout.MaxQuantity && (left < 0 || l.Quantity < left) {
		line.More = strconv.FormatInt(l.Quantity+1, 10)
	}
	if left >= 0 && l.Quantity > left {
		line.Problem = leftText(p, left)
	}
	return line
}
