// Package shop answers what a customer asks: catalogue, cart, checkout, the order page and what can be done there, notifications of exchangers,
// and the files around them. A handler parses, calls package checkout, and fills a struct of views/shop; what it cannot render it returns.
//
// It imports handlers, checkout, models, views and what these know, and no SQL. Read register.go first: it is the list of addresses. Then
// checkout.go for the page on which somebody pays, order.go and orderview.go for the page of an order.
package shop
