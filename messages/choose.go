package messages

import (
	"context"
	"slices"

	"golang.org/x/text/language"
)

type contextKey struct{}

// With returns a context that carries the printer to templates.
func With(ctx context.Context, p Printer) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns the context's printer, English when there is none.
func From(ctx context.Context) Printer {
	p, _ := ctx.Value(contextKey{}).(Printer)
	return p
}

// Text is From(ctx).Text, short for templates.
func Text(ctx context.Context, key string, args ...any) string { return From(ctx).Text(key, args...) }

// Choose picks a language out of supported (the shop's list, in its order of preference): what the person chose before
// when it is still offered, else the best match for the browser's Accept-Language, else the first.
func Choose(supported []string, chosen, acceptLanguage string) string {
	if len(supported) == 0 {
		supported = Languages
	}
	if slices.Contains(supported, chosen) {
		return chosen
	}
	want, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(want) == 0 {
		return supported[0]
	}
	tags := make([]language.Tag, len(supported))
	for i, s := range supported {
		tags[i] = language.Make(s)
	}
	_, i, confidence := language.NewMatcher(tags).Match(want...)
	if confidence == language.No {
		return supported[0]
	}
	return supported[i]
}
