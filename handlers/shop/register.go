package shop

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/models"
	"mostrador/static"
)

// side is the customer's side of the program.
type side struct {
	*handlers.Edge
	svc      *checkout.Service
	store    *models.Store
	zone     *time.Location
	memo     memo
	live     streams
	iconMemo iconMemo
}

// Register mounts every address of the customer's side, and the one that exchangers notify.
func Register(e *echo.Echo, edge *handlers.Edge) {
	s := &side{Edge: edge, svc: edge.Service, store: edge.Store, zone: edge.Config.Shop.Location()}
	get := func(path string, h echo.HandlerFunc) {
		e.GET(path, h)
		e.HEAD(path, h)
	}
	get("/", s.catalogue)
	get("/products/:slug", s.product)
	e.POST("/cart", s.addToCart)
	get("/cart", s.cart)
	e.POST("/cart/:product", s.setCart)
	get("/cart/:product", func(c echo.Context) error { return redirect(c, "/cart") }) // the address that a refused quantity leaves behind

	get("/checkout", s.checkout)
	get("/pay", s.payAmount)
	get("/pay/:link", s.payLink)
	get("/quote", s.quote)
	e.POST("/orders", s.placeOrder)

	get("/orders/find", s.find)
	e.POST("/orders/find", s.sendFind)
	get("/orders/:token", s.order)
	get("/orders/:token/status", s.status)
	e.GET("/orders/:token/events", s.events)
	get("/orders/:token/return", s.cameBack)
	get("/orders/:token/receipt", s.receipt)
	e.POST("/orders/:token/pay", s.payAgain)
	get("/orders/:token/refund", s.refund)
	e.POST("/orders/:token/refund", s.askRefund)
	e.POST("/orders/:token/paid", s.sayPaid)
	e.POST("/orders/:token/cancel", s.cancel)
	e.POST("/orders/:token/again", s.orderAgain)

	e.POST("/ipn/:token", s.notification)

	e.POST("/preferences", s.preferences)
	get("/theme.css", s.themeCSS)
	get("/robots.txt", s.robots)
	get("/favicon.ico", s.favicon)
	get(handlers.PicturePrefix+":name", handlers.Picture(s.store))
	get(static.Prefix+"*", echo.WrapHandler(static.Handler()))
}

// noStore keeps an answer out of every cache: its address is a secret, or it is true for a moment only.
func noStore(c echo.Context) { c.Response().Header().Set(echo.HeaderCacheControl, "no-store") }

// redirect sends a browser on after a form.
func redirect(c echo.Context, to string) error { return c.Redirect(http.StatusSeeOther, to) }
