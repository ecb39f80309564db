// Package mail holds the mails that a customer gets, as HTML in one column of 560 and as plain text, in the customer's language.
//
// A Letter is finished text. Write fills what depends on the kind of the letter from messages/LANG/letter.yaml:
//
//	letter.<kind>.subject, .title, .lead, .more (second paragraph, some kinds), .button
//
// with the marks {number}, {shop}, {price}, {amount}, {missing}, {until}, {site}, {refund}, {reference}. It imports messages and views. Read
// letter.go first.
package mail
