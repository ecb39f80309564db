package checkout

import (
	"context"
	"testing"
	"time"
)

// TestStrangersDoNotKeepTheAddressFromTheCustomer: who guesses spends nothing, who knows number and e-mail only makes the customer get the mail, each time after
// a longer while, but never a long one.
func TestStrangersDoNotKeepTheAddressFromTheCustomer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		find := func(email string, want int) {
			t.Helper()
			if err := w.svc.Find(context.Background(), OrderID(a.order().Number)[len("ord_"):], email); err != nil {
				t.Fatal(err)
			}
			if got := a.mailed(MailFind); got != want {
				t.Fatalf("%d mails, want %d", got, want)
			}
		}
		for range 30 {
			find("stranger@example.com", 0)
		}
		find("Maria@example.com", 1)
		find("maria@example.com", 1)
		w.pass(time.Minute)
		find("maria@example.com", 2)
		w.pass(time.Minute)
		find("maria@example.com", 2)
		w.pass(time.Minute)
		find("maria@example.com", 3)
		for want := 4; want < 20; want++ { // somebody who asks all day long
			w.pass(findAgainMost)
			find("maria@example.com", want)
		}
		w.pass(25 * time.Hour)
		find("maria@example.com", 20)
		w.pass(time.Minute)
		find("maria@example.com", 21)
	})
}
