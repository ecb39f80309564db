package jobs

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
)

func TestACustomerHearsOfTheOrderInTheirLanguage(t *testing.T) {
	for lang, words := range map[string][2]string{"en": {"Order", "Paid"}, "es": {"Pedido", "Pagado"}, "ru": {"Заказ", "Оплачен"}} {
		t.Run(lang, func(t *testing.T) {
			eachMail(t, func(t *testing.T, r *mailRig) {
				o, uid := r.place(lang)
				token, err := r.store.OrderToken(o)
				if err != nil {
					t.Fatal(err)
				}
				got := r.send()
				if len(got) != 1 {
					t.Fatalf("%d mails at placing", len(got))
				}
				l := got[0]
				for name, part := range map[string]string{"text": l.text, "html": l.html} {
					if !strings.Contains(part, "https://shop.example/orders/"+token) || !strings.Contains(part, "25") || strings.Contains(part, "⟦") || strings.Contains(part, "{") && name == "text" {
						t.Errorf("the %s: %s", name, part)
					}
				}
				if !strings.Contains(l.subject, words[0]) || strings.Contains(l.html, "<mugs>") || !strings.Contains(l.html, `lang="`+lang+`"`) {
					t.Errorf("%q %s", l.subject, l.html)
				}
				if l.head.Get("From") != `"Almendra" <shop@example.com>` || !strings.Contains(l.head.Get("To"), "maria@example.com") || !strings.Contains(l.head.Get("Reply-To"), "help@example.com") || l.head.Get("Auto-Submitted") == "" {
					t.Errorf("%v", l.head)
				}
				r.becomes(o, uid, "done")
				got = r.send()
				if len(got) != 1 || !strings.Contains(got[0].subject, words[1]) || !strings.Contains(got[0].text, "/receipt") || !strings.Contains(got[0].text, strconv.FormatInt(uid, 10)) {
					t.Fatalf("paid: %+v", got)
				}
				if again := r.send(); len(again) != 0 {
					t.Errorf("%d mails were sent twice", len(again))
				}
			})
		})
	}
}

func TestWhoDidNotPayInTimeHearsOfItOnce(t *testing.T) {
	words := map[string]string{"en": "do not send again", "es": "no lo env", "ru": "не отправляйте"}
	eachMail(t, func(t *testing.T, r *mailRig) {
		for lang, word := range words {
			o, uid := r.place(lang)
			if got := r.send(); len(got) != 1 || !strings.Contains(got[0].text, "BTC") || !strings.Contains(got[0].text, "Bitcoin") {
				t.Fatalf("placed: %+v", got)
			}
			r.expire(o.ID)
			got := r.send()
			if len(got) != 1 {
				t.Fatalf("%s: %d mails at closing", lang, len(got))
			}
			watched := strconv.Itoa(time.Now().AddDate(0, 0, 30).UTC().Day())
			for name, part := range map[string]string{"text": got[0].text, "html": got[0].html} {
				if !strings.Contains(strings.ToLower(part), word) || !strings.Contains(part, watched) || !strings.Contains(part, "https://shop.example/orders/"+tokenOf(t, r, o)) || strings.Contains(part, "⟦") {
					t.Errorf("%s, the %s: %s", lang, name, part)
				}
			}
			r.expire(o.ID)
			if err := r.svc.CheckNow(context.Background(), o.ID, "test"); err != nil {
				t.Fatal(err)
			}
			if again := r.send(); len(again) != 0 {
				t.Errorf("%s: %d more mails", lang, len(again))
			}
			r.becomes(o, uid, "done") // late money
			if late := r.send(); len(late) != 1 || strings.Contains(late[0].subject, got[0].subject) {
				t.Errorf("%s, late: %+v", lang, late)
			}
		}
	})
}

func TestTheMerchantHearsOfWhatNeedsADecision(t *testing.T) {
	eachMail(t, func(t *testing.T, r *mailRig) {
		o, uid := r.place("en")
		r.send()
		r.becomes(o, uid, "done")
		r.send()
		if _, err := r.svc.Refund(context.Background(), o.ID, checkout.RefundInput{Amount: "10", Currency: "USDT", Reference: "tx"}, "test"); err != nil {
			t.Fatal(err)
		}
		if got := r.send(); len(got) != 1 || !strings.Contains(got[0].text, "10 USDT") {
			t.Errorf("refund: %+v", got)
		}
		r.becomes(o, uid, "returned") // after it was paid: contradicts itself
		r.digest(0)
		var customer, merchant *letter
		for _, l := range r.send() {
			if strings.Contains(l.head.Get("To"), "owner@example.com") {
				merchant = &l
			} else {
				customer = &l
			}
		}
		if customer == nil || merchant == nil {
			t.Fatalf("customer %v, merchant %v", customer, merchant)
		}
		number := strconv.FormatInt(o.Number, 10)
		if !strings.Contains(merchant.subject, number) || !strings.Contains(merchant.text, "https://shop.example/admin/orders/"+number) || strings.Contains(merchant.text, "⟦") || strings.Contains(merchant.text, "/orders/"+tokenOf(t, r, o)) {
			t.Errorf("%s\n%s", merchant.subject, merchant.text)
		}
		if !strings.Contains(customer.text, "do not send it again") {
			t.Errorf("%s", customer.text)
		}
		if err := r.svc.Find(context.Background(), number, "maria@example.com"); err != nil {
			t.Fatal(err)
		}
		if got := r.send(); len(got) != 1 || !strings.Contains(got[0].text, tokenOf(t, r, o)) {
			t.Errorf("find: %+v", got)
		}
	})
}

func TestWhoIsRefusedARefundHearsWhyInTheirLanguage(t *testing.T) {
	for lang, words := range map[string]string{"en": "The money is not sent back", "es": "El dinero no se devuelve", "ru": "Деньги не возвращаются"} {
		t.Run(lang, func(t *testing.T) {
			eachMail(t, func(t *testing.T, r *mailRig) {
				o, _ := r.place(lang)
				r.send()
				ask := &models.Refund{PublicID: models.PublicID("rf"), OrderID: o.ID, State: checkout.RefundAsked, Currency: "BTC", CreatedBy: checkout.ByCustomer}
				if err := r.store.InTx(t.Context(), func(tx *models.Tx) error { return tx.InsertRefund(t.Context(), ask, "") }); err != nil {
					t.Fatal(err)
				}
				if err := r.svc.AnswerRefund(t.Context(), o.ID, ask.PublicID, checkout.RefundAnswer{Answer: "The <goods> left on Monday"}, "manager"); err != nil {
					t.Fatal(err)
				}
				got := r.send()
				if len(got) != 1 || !strings.Contains(got[0].text, words) || !strings.Contains(got[0].text, "The <goods> left on Monday") || !strings.Contains(got[0].text, tokenOf(t, r, o)) || strings.Contains(got[0].html, "<goods>") {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func tokenOf(t *testing.T, r *mailRig, o *models.Order) string {
	t.Helper()
	token, err := r.store.OrderToken(o)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestAMailThatIsNotTakenIsTriedAgainUnderTheSameID(t *testing.T) {
	eachMail(t, func(t *testing.T, r *mailRig) {
		r.place("en")
		r.smtp.refuse("451 4.7.1 maria@example.com: come back later", false)
		if got := r.send(); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		m := r.mail(1)
		if m.State != "waiting" || m.Tries != 1 || !strings.Contains(m.Error, "451") || strings.Contains(m.Error, "maria@example.com") || strings.Contains(m.Error, "hunter2") {
			t.Errorf("%+v", m)
		}
		r.smtp.refuse("", true) // takes it and hangs up: it is sent all the same
		got := r.send()
		if m = r.mail(1); len(got) != 1 || m.State != "sent" || m.SentAt == nil || m.Error != "" {
			t.Fatalf("%d mails, %+v", len(got), m)
		}
		if id := got[0].head.Get("Message-ID"); !strings.HasPrefix(id, "<mail-1.") || !strings.HasSuffix(id, "@example.com>") {
			t.Errorf("Message-ID %q", id)
		}
		if again := r.send(); len(again) != 0 {
			t.Error("it was sent twice")
		}
		if len(r.smtp.auth) == 0 || !strings.HasPrefix(r.smtp.auth[0], "AUTH PLAIN") {
			t.Errorf("signed in with %v", r.smtp.auth)
		}
	})
}

func TestAMailThatIsRefusedForGoodIsNotTriedAgain(t *testing.T) {
	eachMail(t, func(t *testing.T, r *mailRig) {
		r.place("en")
		r.smtp.refuse("550 5.1.1 no such person", false)
		r.send()
		if m := r.mail(1); m.State != "failed" || m.Tries != 1 || !strings.Contains(m.Error, "550") {
			t.Errorf("%+v", m)
		}
	})
}

func (r *mailRig) mail(id int64) *models.Mail {
	r.t.Helper()
	m, err := r.store.MailByID(context.Background(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

func TestAddressesOfMail(t *testing.T) {
	for _, url := range []string{"smtp://127.0.0.1:2525", "smtp://user:p%40ss@mail.example", "smtps://user:pass@mail.example", "smtps://mail.example:465"} {
		if _, err := NewMailer(config.Mail{URL: url, From: "shop@example.com"}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, url := range []string{"", "http://mail.example", "smtp://", "smtp://user:hunter2@"} {
		if _, err := NewMailer(config.Mail{URL: url, From: "shop@example.com"}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
