// Package views holds what all pages share: the shell of the shop's pages, icons, amounts, sentences with links, the merchant's colour and QR
// codes. The pages themselves are in views/shop, views/admin and views/mail.
//
// A view is a plain struct of finished text in the order of the page. Templates do no arithmetic, look-ups or formatting; fixed labels come from
// package messages by the language that the context carries (messages.With), everything with a value in it arrives finished. No page has an inline
// style or script: the content policy forbids both.
//
// It imports messages, static and third parties, never models, checkout or handlers. Read page.go first, then layout.templ, then shop/doc.go.
package views
