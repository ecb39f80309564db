package shop

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/handlers"
)

// drawn is a page as it is sent.
type drawn struct{ plain, zipped []byte }

func draw(ctx context.Context, page templ.Component) (drawn, error) {
	plain, err := handlers.Draw(ctx, page)
	if err != nil {
		return drawn{}, err
	}
	zipped, err := handlers.Zip(plain)
	return drawn{plain, zipped}, err
}

// memo keeps pages that are the same for many, for as long as nothing was written: any commit of this process forgets them all, and what another
// process writes is seen after handlers.FreshFor.
type memo struct {
	mu      sync.Mutex
	commits uint64
	at      time.Time
	pages   map[string]drawn
}

const memoPages = 64 // more are not kept: a stranger chooses the languages and categories that are asked for

func (m *memo) get(key string, commits uint64) (drawn, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.commits != commits || time.Since(m.at) >= handlers.FreshFor {
		return drawn{}, false
	}
	page, ok := m.pages[key]
	return page, ok
}

func (m *memo) put(key string, commits uint64, page drawn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pages == nil || m.commits != commits || time.Since(m.at) >= handlers.FreshFor {
		m.commits, m.at, m.pages = commits, time.Now(), map[string]drawn{}
	}
	if len(m.pages) < memoPages {
		m.pages[key] = page
	}
}

// memoKey is what a page without a cart depends on; keep is false for pages of one person's own.
func memoKey(c echo.Context) (key string, keep bool) {
	if cartToken(c) != "" || c.QueryParam("q") != "" {
		return "", false
	}
	return strings.Join([]string{c.Request().URL.RequestURI(), handlers.Printer(c).Lang(), handlers.Cookie(c, handlers.ThemeCookie)}, "\x00"), true
}
