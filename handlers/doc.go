// Package handlers holds what the shop, the desk and the API share of HTTP: the stack of middleware that every request goes through (Stack), the
// one table that makes an HTTP status of an error (StatusOf), the pages that are shown instead of one that is not possible, the texts of the
// domain's refusals in each language, and how amounts and times are written for people.
//
// It imports checkout, models, config, messages, money, static and views, and echo; nothing of it knows SQL. Handlers of one side stand in
// handlers/shop, handlers/admin and handlers/api: they parse, call, render, and return what they cannot render as an error.
//
// Read stack.go first, then problem.go and errors.go.
package handlers
