// Package admin answers below /admin: the desk. Handlers are thin: parse, call, render.
//
// # The shell, and how to add a page
//
// Register builds a desk and mounts everything on one group. The group's middleware (guard.go) has done this before a handler runs:
// the answer is no-store; the session is read; the language is chosen (the person's, a cookie's, the browser's) and stands in the
// context for messages.Text; who is not signed in was sent to /admin/login (public paths aside); and a POST was refused with 403 when the
// role may not do it. What a POST needs follows from the first part of its path (actionOf): staff, keys, payouts and settings are an
// owner's, account, logout and preferences everybody's, all else a manager's. So a new page needs no declaration to be safe.
//
// A new page:
//
//  1. its address in pages.go: d.get("/widgets", d.widgets), d.post("/widgets", d.createWidget), d.post("/widgets/:id/drop", d.dropWidget);
//     postFresh instead of post where the password has to have been given in the last ten minutes (or is asked for again, keeping the form).
//  2. a handler that ends in d.render(c, status, page{nav: "widgets", title: text(c, "desk.widgets.title")}, admin.Widgets(view)); after a
//     POST d.done(c, "/admin/widgets", text(c, "desk.widgets.dropped")) redirects with a sentence for the next page. A mistaken form is
//     rendered with 422 and page.mistakes set, the typed values kept; a stale one with 409 and views/admin.Conflict.
//  3. errors are returned: models.ErrNotFound becomes the 404 page, ErrBusy 503, echo.ErrForbidden 403, the rest is logged and becomes 500.
//
// Everything that changes something calls staff.Record in its transaction, with who(c).
//
// Hooks that other pages fill, all in pages.go: tallies (the numbers in the rail), finders (what Ctrl K finds besides pages), steps (of the first
// start), checks (of the list until live).
//
// It imports staff, checkout, models, views and what handlers share; no SQL. Read admin.go, guard.go, render.go, then account.go as an example.
package admin
