package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestSignatureOfTheDocument(t *testing.T) {
	got := Signature("5d8e6002b80b7b4cd75a6424", "inProgress", "2", "317.42", "ETH", "WMZ", "1571328406072", "SECRET123")
	if want := "af3acf947e6f0e0f2c267e300b8582e504dba12d1f2d058652b7414163c09f48"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// signed recomputes the hash from the strings that came.
func signed(n received, secret string) string {
	f := n.form
	return Signature(f.Get("orderId"), f.Get("newStatus"), f.Get("inAmount"), f.Get("outAmount"), f.Get("xml_from"), f.Get("xml_to"), f.Get("timestamp"), secret)
}

func TestNotificationHasThePlatformsForm(t *testing.T) {
	r := start(t, Config{})
	o := r.order("ETH", "WMZ", "-317.42")
	n := r.notified()[0]
	if kind := n.header.Get("Content-Type"); kind != "application/x-www-form-urlencoded" {
		t.Errorf("content type %q", kind)
	}
	for name, want := range map[string]string{
		"orderUID": jsInt(o.UID), "orderId": o.ID, "newStatus": "waitPayment", "outAmount": "317.42", "inAmount": o.InAmount.String(),
		"xml_from": "ETH", "xml_to": "WMZ", "toValues[0][value]": zPurse, "toValues[0][name]": "WMZ purse",
		"toValues[0][key]": o.ToValues[0].Key, "hash": signed(n, "SECRET123"),
	} {
		if got := n.form.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	ms, err := strconv.ParseInt(n.form.Get("timestamp"), 10, 64)
	if err != nil || time.Since(time.UnixMilli(ms)).Abs() > time.Minute {
		t.Errorf("timestamp %q is not now in milliseconds", n.form.Get("timestamp"))
	}
}

func TestEveryChangeIsNotifiedOnceInOrder(t *testing.T) {
	r := start(t, Config{})
	o := r.order("BTC", "USDTTRC20", "-25")
	for _, status := range []string{StatusInProgress, StatusHold, StatusInProgressPayout, StatusDone, StatusUnknown} {
		if err := r.Move(o.UID, status, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Move(o.UID, StatusReturned, false); err != nil {
		t.Fatal(err)
	}
	want := []string{"waitPayment", "inProgress", "hold", "inProgressPayout", "done", "frozenByBank"}
	if got := r.told(); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	last := int64(0)
	for _, n := range r.notified() {
		ms, _ := strconv.ParseInt(n.form.Get("timestamp"), 10, 64)
		if ms <= last {
			t.Errorf("timestamp %d after %d", ms, last)
		}
		last = ms
	}
	if err := r.Move(1, StatusDone, true); err != ErrNoOrder {
		t.Errorf("moving an order that is not there: %v", err)
	}
}

func TestFaultsOfNotifications(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults Faults
		check  func(t *testing.T, got []received)
	}{
		{"lost ones do not arrive", Faults{LoseNotifications: true}, func(t *testing.T, got []received) {
			if len(got) != 0 {
				t.Errorf("%d arrived", len(got))
			}
		}},
		{"double ones are the same to the byte", Faults{DoubleNotifications: true}, func(t *testing.T, got []received) {
			if len(got) != 2 || got[0].raw != got[1].raw {
				t.Errorf("%d arrived", len(got))
			}
		}},
		{"a forged hash does not fit", Faults{ForgeNotifications: true}, func(t *testing.T, got []received) {
			if h := got[0].form.Get("hash"); len(h) != 64 || h == signed(got[0], "SECRET123") {
				t.Errorf("hash %q", h)
			}
		}},
		{"an unsigned one has none", Faults{UnsignedNotifications: true}, func(t *testing.T, got []received) {
			if got[0].form.Has("hash") {
				t.Error("has a hash")
			}
		}},
		{"the hash has another name", Faults{HashField: "signature"}, func(t *testing.T, got []received) {
			if got[0].form.Has("hash") || got[0].form.Get("signature") != signed(got[0], "SECRET123") {
				t.Error("not under signature alone")
			}
		}},
		{"the hash is in a header", Faults{HashHeader: "X-Signature"}, func(t *testing.T, got []received) {
			if got[0].form.Has("hash") || got[0].header.Get("X-Signature") != signed(got[0], "SECRET123") {
				t.Error("not in the header alone")
			}
		}},
		{"payout values as JSON", Faults{ToValuesJSON: true}, func(t *testing.T, got []received) {
			var values []map[string]string
			if err := json.Unmarshal([]byte(got[0].form.Get("toValues")), &values); err != nil || values[0]["value"] != zPurse {
				t.Errorf("toValues %q: %v", got[0].form.Get("toValues"), err)
			}
		}},
		{"seconds", Faults{TimestampSeconds: true}, func(t *testing.T, got []received) {
			if len(got[0].form.Get("timestamp")) != 10 || got[0].form.Get("hash") != signed(got[0], "SECRET123") {
				t.Errorf("timestamp %q", got[0].form.Get("timestamp"))
			}
		}},
		{"a stranger comes first and lies", Faults{StrangerNotifications: true}, func(t *testing.T, got []received) {
			if len(got) != 2 || got[0].form.Get("newStatus") != "done" || got[0].form.Get("hash") == signed(got[0], "SECRET123") {
				t.Errorf("%d arrived", len(got))
			}
			if got[1].form.Get("hash") != signed(got[1], "SECRET123") {
				t.Error("the true one is not true")
			}
		}},
		{"the clock is wrong", Faults{ClockSkew: -time.Hour}, func(t *testing.T, got []received) {
			ms, _ := strconv.ParseInt(got[0].form.Get("timestamp"), 10, 64)
			if d := time.Since(time.UnixMilli(ms)); d < 59*time.Minute || d > 61*time.Minute {
				t.Errorf("behind by %s", d)
			}
		}},
		{"a delayed one comes in the end", Faults{DelayNotifications: 30 * time.Millisecond}, func(t *testing.T, got []received) {
			if len(got) != 1 {
				t.Errorf("%d arrived", len(got))
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, Config{Seed: 3})
			r.SetFaults(tt.faults)
			r.order("TRX", "WMZ", "-25")
			tt.check(t, r.notified())
		})
	}
}

func TestShuffledNotificationsAllArriveInAnotherOrder(t *testing.T) {
	r := start(t, Config{Seed: 11})
	o := r.order("BTC", "USDTTRC20", "-25")
	r.SetFaults(Faults{ShuffleNotifications: true})
	sent := []string{StatusInProgress, StatusHold, StatusInProgressPayout, StatusDone, StatusReturned}
	for _, status := range sent {
		if err := r.Move(o.UID, status, true); err != nil {
			t.Fatal(err)
		}
	}
	got := r.told()[1:]
	if slices.Equal(got, sent) {
		t.Errorf("arrived in order: %v", got)
	}
	slices.Sort(got)
	slices.Sort(sent)
	if !slices.Equal(got, sent) {
		t.Errorf("arrived %v", got)
	}
}

func TestNotificationBeforeTheAnswer(t *testing.T) {
	r := start(t, Config{})
	r.SetFaults(Faults{NotifyBeforeAnswer: true})
	a := r.api("POST", "public/exchanger/order/create", r.wish("BTC", "USDTTRC20", "-25"))
	if !a.Success {
		t.Fatalf("%s", a.Raw)
	}
	r.mu.Lock() // without waiting: it is there when the answer is
	defer r.mu.Unlock()
	if len(r.got) != 1 {
		t.Errorf("%d notifications before the answer", len(r.got))
	}
}

func TestAShopThatIsAwayIsToldOnceAndNeverAgain(t *testing.T) {
	r := start(t, Config{})
	var calls atomic.Int32
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		calls.Add(1)
		http.Redirect(w, q, r.shop.URL, http.StatusTemporaryRedirect)
	}))
	defer away.Close()
	wish := r.wish("BTC", "USDTTRC20", "-25")
	wish["ipnUrl"] = away.URL + "/ipn/secret-token"
	r.api("POST", "public/exchanger/order/create", wish)
	if got := r.notified(); len(got) != 0 || calls.Load() != 1 {
		t.Errorf("called %d times, redirect followed: %v", calls.Load(), len(got) > 0)
	}
	away.Close()
	o := r.Orders()[0]
	r.Move(o.UID, StatusDone, true)
	r.notified()
	notices := r.Orders()[0].Notices
	last := notices[len(notices)-1]
	if len(notices) != 2 || strings.Contains(last.Result, "secret-token") || last.Result == "" {
		t.Errorf("notices %v", notices)
	}
}

func TestCloseDropsWhatIsHeldBack(t *testing.T) {
	r := start(t, Config{})
	r.SetFaults(Faults{DelayNotifications: time.Hour})
	for i := range 5 {
		if a := r.api("POST", "public/exchanger/order/create", r.wish("BTC", "USDTTRC20", fmt.Sprint(-25-i))); !a.Success {
			t.Fatalf("%s", a.Raw)
		}
	}
	eventually(t, "five are queued", func() bool { return r.post.waiting() == 5 })
	began := time.Now()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("close took %s", d)
	}
	if err := r.WaitNotifications(t.Context()); err != nil {
		t.Error(err)
	}
}
