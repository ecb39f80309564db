// Package static holds what the pages are drawn with: styles, scripts and pictures, all inside the program and served by the shop itself.
//
// static/src is what people edit; `npm run build` writes static/dist, which is committed so that Go alone builds the program. Pages name a
// file by Path, whose answer carries a digest of its content: a browser may keep it for ever and never shows an old one.
// It is a leaf: it imports no other package of the program. Read static.go first.
package static
