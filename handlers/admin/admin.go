package admin

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

// Deps is what the desk works with.
type Deps struct {
	Config *config.Config
	Store  *models.Store
	Staff  *staff.Service
	Log    *slog.Logger     // nil: none
	Now    func() time.Time // nil: the store's

	// Checkout decides about orders and speaks with the exchangers.
	Checkout *checkout.Service

	// ThemeCSS gives the address of the sheet with the merchant's colour, "" for the default; nil: as the settings say.
	ThemeCSS func(ctx context.Context) string
}

// found is something that Ctrl K found.
type found = admin.FoundItem

// desk holds what all handlers need.
type desk struct {
	Deps
	group *echo.Group

	tallies []func(ctx context.Context) (map[string]int, error)                           // key of the rail → what needs a person
	finders []func(ctx context.Context, q string) (title string, list []found, err error) // besides pages
	steps   []step                                                                        // of the first start, after the account
	checks  []func(ctx context.Context) ([]admin.Check, error)                            // of the list until live
}

// Register mounts the desk below /admin. The security headers and the check for forged requests stand around it.
func Register(e *echo.Echo, deps Deps) {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = deps.Store.Now
	}
	d := &desk{Deps: deps, group: e.Group("/admin")}
	d.group.Use(d.visit, d.catch, d.guard)
	d.shell()
	d.pages()
}

func (d *desk) get(path string, h echo.HandlerFunc)  { d.group.GET(path, h) }
func (d *desk) post(path string, h echo.HandlerFunc) { d.group.POST(path, h) }

// postFresh is post for what is grave: the person proved who they are in the last minutes, or is asked to first.
func (d *desk) postFresh(path string, h echo.HandlerFunc) { d.group.POST(path, d.fresh(h)) }

// getFor is get for a page that is only there to change something, or shows what not everybody may see: who may not do that gets 403, with words.
func (d *desk) getFor(a staff.Action, path string, h echo.HandlerFunc) {
	d.group.GET(path, func(c echo.Context) error {
		if !can(c, a) {
			return echo.ErrForbidden
		}
		return h(c)
	})
}

// shell mounts what this file's neighbours answer.
func (d *desk) shell() {
	d.get("/", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/admin") }) // what people type
	d.get("/login", d.login)
	d.post("/login", d.signIn)
	d.get("/login/second", d.second)
	d.post("/login/second", d.signInSecond)
	d.post("/login/passkey", d.signInPasskey)
	d.post("/login/passkey/begin", d.beginPasskeySignIn)
	d.post("/logout", d.signOut)
	d.post("/preferences", d.preferences)
	d.get("/setup", d.setup)
	d.post("/setup", d.setupAccount)
	d.getFor(staff.ManageSettings, "/setup/:step", d.setupStep)
	d.post("/setup/:step", d.setupSubmit)
	d.get("/invite", d.invite)
	d.post("/invite", d.takeInvite)

	d.get("/more", d.more)
	d.get("/find", d.find)

	d.get("/account", d.account)
	d.post("/account", d.accountPost)
	d.post("/account/password", d.changePassword)
	d.postFresh("/account/second", d.confirmSecond)
	d.postFresh("/account/second/off", d.dropSecond)
	d.postFresh("/account/recovery", d.newRecovery)
	d.postFresh("/account/passkeys/begin", d.beginPasskey)
	d.post("/account/passkeys", d.addPasskey)
	d.postFresh("/account/passkeys/:id/drop", d.dropPasskey)
	d.post("/account/sessions/end", d.endSession)
	d.post("/account/sessions/end-others", d.endOthers)
	d.post("/account/notify", d.setNotify)

	d.get("/staff", d.people)
	d.postFresh("/staff", d.addPerson)
	d.postFresh("/staff/:id/role", d.setRole)
	d.postFresh("/staff/:id/disable", d.disable)
	d.postFresh("/staff/:id/enable", d.enable)
	d.postFresh("/staff/:id/invite", d.inviteAgain)

	d.get("/keys", d.keys)
	d.postFresh("/keys", d.createKey)
	d.post("/keys/:id/revoke", d.revokeKey)

	d.get("/log", d.logPage)

	d.get("/settings", d.settings)
	d.get("/settings/accent", d.accentLook)
	d.post("/settings", d.saveSettings)
}
