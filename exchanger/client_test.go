package exchanger

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var discardLog = log.New(io.Discard, "", 0)

func TestCreateSendsWhatTheDocumentSays(t *testing.T) {
	var got map[string]any
	var head http.Header
	c := site(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/service/api/v1/public/exchanger/order/create" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		head = r.Header
		d := json.NewDecoder(r.Body)
		d.UseNumber()
		if err := d.Decode(&got); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"success":true,"data":{"_id":"5d8e6002b80b7b4cd75a6424","uid":1409,"rid":7,"secret":"`+testSecret+`",
			"route":{"from":{"name":"Ethereum","symbol":"ETH"},"to":{"name":"WMZ","symbol":"USD"}},"inAmount":"2.00000001","outAmount":317.42},"requestId":"17-x"}`)
	}, Options{})
	created, err := c.Create(t.Context(), CreateRequest{
		RouteID: testRoute, Partner: "p", Amount: dec("-0.00000001"), ToValues: []Value{{Key: "wallet", Value: "Z123456789012"}}, Lang: "es",
		Agreement: true, HideOutData: true, ClientCallbackURL: "https://shop/r", IPNURL: "https://shop/ipn", IPNSecret: "SECRET123", Email: "a@b.c",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got["amount"] != json.Number("-0.00000001") || got["lang"] != "en" || got["agreement"] != true || got["ipnSecret"] != "SECRET123" ||
		got["routeId"] != testRoute || got["partner"] != "p" || got["clientCallbackUrl"] != "https://shop/r" {
		t.Errorf("sent %v", got)
	}
	if head.Get("Authorization") != "Bearer tokentokentoken" || head.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", head)
	}
	if created.OrderID != testRoute || created.UID != testUID || created.Secret != testSecret || created.RID != "7" || created.RequestID != "17-x" ||
		!created.InAmount.Equal(dec("2.00000001")) || !created.OutAmount.Equal(dec("317.42")) || !created.AmountsKnown || created.From.Name != "Ethereum" {
		t.Errorf("%+v", created)
	}
	if strings.Contains(string(created.Raw), testSecret) {
		t.Errorf("raw tells the secret: %s", created.Raw)
	}
}

func TestUpdateStatusPutsAndRefusesWhatAMerchantMayNotSet(t *testing.T) {
	var n atomic.Int32
	c := site(t, func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPut || string(body) != `{"orderUID":1409,"orderSecret":"`+testSecret+`","status":"inProgress"}` {
			t.Errorf("%s %s", r.Method, body)
		}
		_, _ = io.WriteString(w, `{"success":true,"data":{}}`)
	}, Options{})
	if err := c.UpdateStatus(t.Context(), "001409", testSecret, StatusInProgress); err != nil {
		t.Error(err)
	}
	for _, s := range []Status{StatusDone, StatusHold, StatusInProgressPayout} {
		if class(c.UpdateStatus(t.Context(), testUID, testSecret, s)) != "refused" {
			t.Errorf("%s was not refused", s)
		}
	}
	if n.Load() != 1 {
		t.Errorf("%d calls", n.Load())
	}
}

func TestRecordedCallsShowNoSecret(t *testing.T) {
	var seen calls
	secrets := []string{testSecret, "SECRET123", "tokentokentoken", "Z123456789012", "+34600111222", "tokenofanorderpagetokenof", "tokenofthedoorofnotificat"}
	reply := `{"success":true,"data":{"uid":1409,"secret":"` + testSecret + `","order":{"uid":1409,"status":"new","toValues":[{"key":"wallet","value":"Z123456789012"}],
		"fromValues":[{"key":"phone","value":"+34600111222"}]},"echo":"Bearer tokentokentoken"},"requestId":"17-r"}`
	try := func(body string) {
		c := site(t, answerWith(body), Options{Record: seen.add})
		_, _ = c.Create(t.Context(), CreateRequest{RouteID: testRoute, Amount: dec("1"), IPNSecret: "SECRET123",
			ClientCallbackURL: "https://shop.example/orders/tokenofanorderpagetokenof/return", IPNURL: "https://shop.example/ipn/tokenofthedoorofnotificat",
			ToValues: []Value{{Key: "wallet", Value: "Z123456789012"}}, FromValues: []Value{{Key: "phone", Value: "+34600111222"}}})
		_, _ = c.Get(t.Context(), testUID, testSecret)
		_ = c.UpdateStatus(t.Context(), testUID, testSecret, StatusDeleted)
	}
	try(reply)
	for _, broken := range []string{
		reply[:len(reply)-20],
		"<html>" + reply,
		`{"success":true,"data":{"uid":1409,"secret":"` + testSecret + `","pad":"` + strings.Repeat("x", 40<<10) + `"}}`,
	} {
		try(broken)
	}
	if len(seen.list()) != 12 {
		t.Fatalf("%d calls recorded", len(seen.list()))
	}
	for _, call := range seen.list() {
		all := call.Path + "\n" + string(call.Request) + "\n" + string(call.Response) + "\n" + call.Err
		for _, s := range secrets {
			if strings.Contains(all, s) {
				t.Errorf("%s %s tells %s:\n%.600s", call.Method, call.Path, s, all)
			}
		}
		if len(call.Response) > maxRecord || len(call.Request) > maxRecord || call.Status != 200 {
			t.Errorf("%d bytes of answer, status %d", len(call.Response), call.Status)
		}
	}
	first := seen.list()[0]
	if first.RequestID != "17-r" || !strings.Contains(string(first.Request), "9012") || !strings.Contains(string(first.Request), `"agreement":false`) {
		t.Errorf("%s", first.Request)
	}
}

func TestARefusalThatRepeatsAValueDoesNotTellIt(t *testing.T) {
	var seen calls
	c := site(t, answerWith(`{"success":false,"error":{"message":"Param fromValues isn't valid: +34600111222 SECRET123"}}`), Options{Record: seen.add})
	_, err := c.Create(t.Context(), CreateRequest{RouteID: testRoute, Amount: dec("1"), IPNSecret: "SECRET123", FromValues: []Value{{Key: "phone", Value: "+34600111222"}}})
	all := err.Error() + string(seen.list()[0].Response) + seen.list()[0].Err
	if strings.Contains(all, "600111") || strings.Contains(all, "SECRET123") || !strings.Contains(all, "isn't valid") {
		t.Error(all)
	}
}

// failingSite answers with the status that the test sets, on a transport without a network.
func failingSite(t *testing.T, now func() time.Time) (*Client, *atomic.Int32, *atomic.Int32) {
	t.Helper()
	var code, n atomic.Int32
	code.Store(200)
	c := clientOf(t, "http://exchanger.test", Options{Now: now, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		n.Add(1)
		return &http.Response{StatusCode: int(code.Load()), Header: http.Header{"Date": {now().Add(90 * time.Second).Format(http.TimeFormat)}, "Retry-After": {""}},
			Body: io.NopCloser(strings.NewReader(`{"success":` + map[bool]string{true: "true", false: `"?"`}[code.Load() == 200] + `,"data":{"order":{"status":"new"}}}`)), Request: r}, nil
	})})
	return c, &code, &n
}

func TestTheBreakerOpensProbesAndCloses(t *testing.T) {
	ck := newClock()
	c, code, n := failingSite(t, ck.now)
	update := func() error { return c.UpdateStatus(t.Context(), testUID, testSecret, StatusDeleted) }
	if err := update(); err != nil || c.Health().State != Closed || !c.Health().LastSuccess.Equal(ck.now()) {
		t.Fatalf("%v %+v", err, c.Health())
	}
	if h := c.Health(); !h.ClockKnown || h.ClockDiff < 89*time.Second || h.ClockDiff > 91*time.Second {
		t.Errorf("clock difference %s", h.ClockDiff)
	}
	since := ck.now()
	code.Store(500)
	for range breakAfter {
		if class(update()) != "unclear" {
			t.Fatal("a 500 is unclear")
		}
	}
	if h := c.Health(); h.State != Open || !h.FailingSince.Equal(since) || h.LastError == "" || !h.NextProbe.After(ck.now()) {
		t.Fatalf("%+v", h)
	}
	err := update()
	var u *Unavailable
	if !errors.Is(err, ErrBreakerOpen) || !errors.As(err, &u) || u.RetryAfter <= 0 {
		t.Fatalf("while open: %v", err)
	}
	n.Store(0)
	for range 600 { // one minute, ten tries a second
		ck.advance(100 * time.Millisecond)
		_ = update()
	}
	if got := n.Load(); got < 10 || got > 120 {
		t.Errorf("%d calls in a minute of being down, want some and at most 2 a second", got)
	}
	code.Store(200)
	ck.advance(longestDelay)
	if err := update(); err != nil || c.Health().State != Closed || !c.Health().FailingSince.IsZero() || !c.Health().NextProbe.IsZero() {
		t.Fatalf("after it came back: %v %+v", err, c.Health())
	}
}

func TestACallerWhoGoesAwayIsNoFailure(t *testing.T) {
	ck := newClock()
	var leave context.CancelFunc // the caller goes away once its request is under way
	c := clientOf(t, "http://exchanger.test", Options{Now: ck.now, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		leave()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})})
	for range 2 * breakAfter {
		ctx, cancel := context.WithCancel(t.Context())
		leave = cancel
		_, err := c.Create(ctx, CreateRequest{RouteID: testRoute, Amount: dec("1")})
		if class(err) != "unclear" || !errors.Is(err, context.Canceled) {
			t.Fatalf("%s %v", class(err), err)
		}
	}
	if h := c.Health(); h.State != Closed || !h.FailingSince.IsZero() {
		t.Errorf("%+v", h)
	}
}

func TestAProbeWhoseCallerGoesAwayIsNotLost(t *testing.T) {
	ck := newClock()
	c, code, _ := failingSite(t, ck.now)
	code.Store(500)
	for range breakAfter {
		_ = c.UpdateStatus(t.Context(), testUID, testSecret, StatusDeleted)
	}
	ck.advance(longestDelay)
	probe, _, ok := c.breaker.acquire()
	if !ok || !probe || c.Health().State != HalfOpen {
		t.Fatalf("probe %v ok %v %+v", probe, ok, c.Health())
	}
	if _, _, second := c.breaker.acquire(); second {
		t.Fatal("two probes at once")
	}
	c.breaker.record(false, healthy, nil) // a late answer from before moves nothing
	if c.Health().State != HalfOpen {
		t.Fatalf("%+v", c.Health())
	}
	c.breaker.record(probe, neutral, nil)
	if c.Health().State != Open {
		t.Fatalf("%+v", c.Health())
	}
	code.Store(200)
	ck.advance(longestDelay)
	if err := c.UpdateStatus(t.Context(), testUID, testSecret, StatusDeleted); err != nil {
		t.Fatal(err)
	}
}

func TestRetryAfterHoldsBackgroundReadsOnly(t *testing.T) {
	ck := newClock()
	limited := true
	c := clientOf(t, "http://exchanger.test", Options{Now: ck.now, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		res := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"success":true,"data":{"order":{"status":"new"}}}`)), Request: r}
		if limited {
			res.StatusCode, res.Header, res.Body = 429, http.Header{"Retry-After": {"40"}}, http.NoBody
		}
		return res, nil
	})})
	_, err := c.Get(Background(t.Context()), testUID, testSecret)
	var u *Unavailable
	if !errors.As(err, &u) || u.RetryAfter != 40*time.Second || !c.Health().PausedUntil.Equal(ck.now().Add(40*time.Second)) {
		t.Fatalf("%v %+v", err, c.Health())
	}
	limited = false
	if _, err := c.Get(Background(t.Context()), testUID, testSecret); !errors.Is(err, ErrPaused) {
		t.Fatalf("a background read: %v", err)
	}
	if _, err := c.Get(t.Context(), testUID, testSecret); err != nil {
		t.Fatalf("a customer's read: %v", err)
	}
	ck.advance(41 * time.Second)
	if _, err := c.Get(Background(t.Context()), testUID, testSecret); err != nil {
		t.Fatalf("after the pause: %v", err)
	}
	if c.Health().State != Closed || !c.Health().FailingSince.IsZero() {
		t.Errorf("429 counted against the site: %+v", c.Health())
	}
}

func TestAtMostSixteenCallsAtOnceAndBackgroundLeavesRoom(t *testing.T) {
	var now, most atomic.Int32
	arrived, release := make(chan struct{}, 100), make(chan struct{})
	c := clientOf(t, "http://exchanger.test", Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		most.Store(max(most.Load(), now.Add(1)))
		arrived <- struct{}{}
		<-release
		now.Add(-1)
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"success":true,"data":{"order":{"status":"new"}}}`)), Request: r}, nil
	})})
	var wg sync.WaitGroup
	start := func(ctx context.Context, n int) {
		for range n {
			wg.Go(func() { _, _ = c.Get(ctx, testUID, testSecret) })
		}
	}
	start(Background(t.Context()), 30)
	for range maxBackground {
		<-arrived
	}
	start(t.Context(), 30)
	for range maxCalls - maxBackground {
		<-arrived
	}
	close(release)
	wg.Wait()
	if most.Load() > maxCalls {
		t.Errorf("%d calls at once", most.Load())
	}
}

func TestRetryAfterIsReadAsSecondsOrDate(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{"": 0, "5": 5 * time.Second, "-1": 0, "soon": 0, "99999999999999": 0,
		now.Add(time.Minute).Format(http.TimeFormat): time.Minute, now.Add(-time.Minute).Format(http.TimeFormat): 0} {
		if got := retryAfter(http.Header{"Retry-After": {v}}, now); got != want {
			t.Errorf("%q: %s, want %s", v, got, want)
		}
	}
}

func TestReadsAreTriedAgainAndSucceed(t *testing.T) {
	var n atomic.Int32
	c := site(t, func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) < 3 {
			reset(w)
			return
		}
		_, _ = io.WriteString(w, `{"success":true,"data":{"order":{"uid":"1409","status":"somethingNew","inAmount":1e-8,"outAmount":"5"}}}`)
	}, Options{})
	o, err := c.Get(t.Context(), testUID, testSecret)
	if err != nil || o.Status != "somethingNew" || o.Status.Known() || !o.InAmount.Equal(dec("0.00000001")) || o.At.IsZero() {
		t.Fatalf("%+v %v", o, err)
	}
}
