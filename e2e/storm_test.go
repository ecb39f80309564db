package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"mostrador/sandbox"
)

// notification is the body of one about an exchange order, as the exchanger sends it; secret "" leaves it unsigned.
func notification(o *sandbox.Order, status string, at time.Time, secret string) string {
	in, out, stamp := o.InAmount.String(), o.OutAmount.String(), fmt.Sprint(at.UnixMilli())
	form := url.Values{"orderUID": {fmt.Sprint(o.UID)}, "orderId": {o.ID}, "newStatus": {status}, "inAmount": {in}, "outAmount": {out}, "xml_from": {o.From}, "xml_to": {o.To}, "timestamp": {stamp}}
	if secret != "" {
		form.Set("hash", sandbox.Signature(o.ID, status, in, out, o.From, o.To, stamp, secret))
	}
	return form.Encode()
}

// storm is what arrives all at once for one payment: the true notifications many times over, shuffled, with lies between.
func storm(o *sandbox.Order, n int) []string {
	began := time.Now()
	var all []string
	for i := range n {
		switch {
		case i%10 == 8:
			all = append(all, notification(o, "returned", began.Add(time.Hour), "a secret that somebody guessed"))
		case i%10 == 9:
			all = append(all, notification(o, "deleted", began.Add(time.Hour), ""))
		default:
			step := i % 3
			all = append(all, notification(o, []string{"inProgress", "inProgressPayout", "done"}[step], began.Add(time.Duration(step)*time.Second), o.IPNSecret))
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// TestAThousandNotificationsAtOnceSettleOnce: all are answered, each that was answered 200 is kept, and the payment is settled once.
func TestAThousandNotificationsAtOnceSettleOnce(t *testing.T) {
	for name, extra := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, extra...)
			e := newExchanger(t, s)
			e.control("faults", url.Values{"lose": {"1"}}) // all notifications are the test's
			p := s.serve()
			b := newPurchase("box/" + e.route("LTC", "USDTTRC20"))
			if ok, err := b.send(p.shop); !ok || err != nil || b.uid == "" {
				t.Fatal(ok, err, b.next)
			}
			e.control("orders/"+b.uid+"/status", url.Values{"status": {"done"}})
			orders, _ := e.orders()
			n := 1000
			if name == "postgres" {
				n = max(400, min(1000, rounds(t, 0)*50)) // every one waits for the row of the order: twice as slow as SQLite's one file
			}
			answers := flood(t, orders[0].IPNURL, storm(&orders[0], n))
			if answers[http.StatusOK] != n*9/10 || answers[http.StatusUnauthorized] != n/10 {
				t.Errorf("answered %v, want %d times 200 and %d times 401", answers, n*9/10, n/10)
			}
			s.settled(b.uid)
			store := s.open()
			pay := allPayments(t, store)[0]
			if kept := notificationsByPayment(t, s)[pay.ID]; kept != answers[http.StatusOK] {
				t.Errorf("%d notifications were answered 200, %d are kept", answers[http.StatusOK], kept)
			}
			if pay.Proven != int64(n*8/10) || pay.Hints != int64(n/10) || pay.WrongHashes != int64(n/10) {
				t.Errorf("counted %d proven, %d hints, %d wrong", pay.Proven, pay.Hints, pay.WrongHashes)
			}
			events, err := store.Events(t.Context(), pay.ID)
			if err != nil {
				t.Fatal(err)
			}
			settled := 0
			for _, v := range events {
				if strings.Contains(v.Data, `"settled_at"`) {
					settled++
				}
			}
			told, err := store.EventsOfOrder(t.Context(), pay.OrderID)
			if err != nil {
				t.Fatal(err)
			}
			paid := 0
			for _, v := range told {
				if v.Type == "order.paid" {
					paid++
				}
			}
			if settled != 1 || paid != 1 {
				t.Errorf("settled %d times, told of it %d times", settled, paid)
			}
			s.run("", "doctor").must(t, 0)
		})
	}
}

// patient waits longer than the shop may have to: for a lock, behind others who wait for it too.
var patient = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxConnsPerHost: 250, MaxIdleConnsPerHost: 250}}

// tell posts a notification and gives the answer.
func tell(t *testing.T, o *sandbox.Order, status string, at time.Time) int {
	t.Helper()
	resp, err := patient.Post(o.IPNURL, "application/x-www-form-urlencoded", strings.NewReader(notification(o, status, at, o.IPNSecret)))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// flood posts all bodies at once and counts the answers. A 503 asks for another try, as a good exchanger would make it.
func flood(t *testing.T, address string, bodies []string) map[int]int {
	t.Helper()
	var mu sync.Mutex
	answers := map[int]int{}
	var wg sync.WaitGroup
	for _, body := range bodies {
		wg.Go(func() {
			for try := 0; try < 20; try++ {
				resp, err := patient.Post(address, "application/x-www-form-urlencoded", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body) //nolint:errcheck // the status is what was asked for
				resp.Body.Close()
				if resp.StatusCode != http.StatusServiceUnavailable {
					mu.Lock()
					answers[resp.StatusCode]++
					mu.Unlock()
					return
				}
			}
			t.Error("never answered but by 503")
		})
	}
	wg.Wait()
	return answers
}
