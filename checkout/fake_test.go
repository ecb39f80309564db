package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/exchanger"
)

// fake is an exchanger in memory, reached through http.RoundTripper: no sockets, so that thousands of histories are quick. It keeps the
// truth of every exchange order, and lies on demand.
type fake struct {
	now func() time.Time

	away  atomic.Bool  // no call gets an answer
	lists atomic.Int64 // calls of route/get

	mu      sync.Mutex
	orders  []*fakeOrder
	failing int           // so many further calls of order/get get no answer
	stale   int           // so many answer what stood before
	behind  int           // so many states before: a cache in front of the exchanger
	age     time.Duration // of the next answer
	how     string        // of a failure: timeout, html, patience
	skew    time.Duration
	twin    bool  // create answers with the identity of the first exchange order
	deaf    bool  // to negative amounts: it takes them for what is to be paid
	slump   int64 // how much less than 80 one of from brings
	asked   int
	made    int // exchange orders, also of histories that are over

	unbounded bool         // any uid is an exchange order that is done: so many need no memory here
	inFlight  atomic.Int64 // calls of order/get
	crowd     atomic.Int64 // the most that there were at once
}

func (f *fake) rate() int64 { return 80 - f.slump }

// clock is the exchanger's own.
func (f *fake) clock() time.Time { return f.now().Add(f.skew) }

// fakeOrder is one exchange order with all that it ever said.
type fakeOrder struct {
	uid, id, secret string
	token, ipn      string // of our payment
	from, to        string
	values          []map[string]string
	said            []fakeState // the last one is the truth
	lost            bool        // we never heard uid and secret
}

type fakeState struct {
	status  exchanger.Status
	in, out decimal.Decimal
	at      time.Time // by the exchanger's clock
	wallet  string    // "": as it was sent
	to      string    // "": as it was ordered
	odd     string    // what stands in place of outAmount when it is asked
}

func (o *fakeOrder) truth() fakeState { return o.said[len(o.said)-1] }

type killKey struct{}

// killed is the panic with which the process dies in the middle of a call.
type killed struct{}

// dying returns a context whose call of order/create or order/get kills the process: before or after the exchanger has carried it out.
func dying(ctx context.Context, when string) context.Context {
	return context.WithValue(ctx, killKey{}, when)
}

func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.away.Load() {
		return nil, errors.New("connection refused")
	}
	when, _ := r.Context().Value(killKey{}).(string)
	_, method, _ := strings.Cut(r.URL.Path, "/public/exchanger/")
	kill := func(what string) {
		if when == what {
			panic(killed{})
		}
	}
	switch method {
	case "route/get":
		f.lists.Add(1)
		return f.answer(map[string]any{"routes": []any{f.route()}})
	case "route/get/one":
		return f.answer(map[string]any{"route": f.route()})
	case "order/create":
		kill("before create")
		res, err := f.create(r, when == "lost answer")
		kill("after create")
		return res, err
	case "order/get":
		if f.unbounded {
			return f.getAny(r.URL.Query())
		}
		res, err := f.get(r.URL.Query())
		kill("after get")
		return res, err
	case "order/update-status":
		return f.update(r)
	}
	return f.answer(nil)
}

const fakeRouteID = "5d8e6002b80b7b4cd75a0001"

func (f *fake) route() map[string]any {
	return map[string]any{"routeId": fakeRouteID, "isShowWeb": true,
		"from": map[string]any{"name": "Litecoin", "symbol": "LTC", "xml": "LTC", "min": 0.001, "max": 0, "decimal": 8, "positionIn": 1},
		"to": map[string]any{"name": "Tether TRC20", "symbol": "USDT", "xml": "USDTTRC20", "decimal": 2, "positionOut": 1,
			"fields": []any{map[string]any{"_id": "5d8e6002b80b7b4cd75a0002", "id": "wallet", "name": "Wallet", "required": true}}},
		"rate": map[string]any{"in": 1, "out": f.rate(), "amount": 1000000, "outFeeAmount": 0, "rateFullNumber": 0.0125}}
}

func (f *fake) answer(data any) (*http.Response, error) {
	raw, err := json.Marshal(map[string]any{"success": data != nil, "data": data, "requestId": "fake"})
	if err != nil {
		return nil, err
	}
	return f.response(200, string(raw)), nil
}

func (f *fake) response(status int, body string) *http.Response {
	h := http.Header{"Date": {f.clock().Add(-f.age).UTC().Format(http.TimeFormat)}}
	if f.age > 0 {
		h.Set("Age", fmt.Sprint(int(f.age.Seconds())))
		f.age = 0
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func (f *fake) create(r *http.Request, lose bool) (*http.Response, error) {
	var req struct {
		Amount            decimal.Decimal     `json:"amount"`
		ToValues          []map[string]string `json:"toValues"`
		IPNURL, IPNSecret string
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		return nil, err
	}
	in, out := req.Amount, req.Amount.Mul(decimal.NewFromInt(f.rate())).Round(2)
	if f.deaf && req.Amount.Sign() < 0 {
		in, out = req.Amount.Neg(), req.Amount.Neg().Mul(decimal.NewFromInt(f.rate())).Round(2)
	} else if req.Amount.Sign() < 0 {
		out = req.Amount.Neg()
		in = out.DivRound(decimal.NewFromInt(f.rate()), 8)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
	n := f.made
	_, token, _ := strings.Cut(req.IPNURL, "/ipn/")
	o := &fakeOrder{uid: fmt.Sprint(1000 + n), id: fmt.Sprintf("5d8e6002b80b7b4c%08x", n), secret: fmt.Sprintf("secretOfOrder%011d", n), token: token, ipn: req.IPNSecret,
		from: "LTC", to: "USDTTRC20", values: req.ToValues, lost: lose}
	o.said = []fakeState{{status: exchanger.StatusNew, in: in, out: out, at: f.clock()}}
	f.orders = append(f.orders, o)
	if lose {
		return nil, io.ErrUnexpectedEOF
	}
	if f.twin {
		o = f.orders[0]
	}
	return f.answer(map[string]any{"_id": o.id, "uid": o.uid, "rid": "1", "secret": o.secret, "inAmount": in.String(), "outAmount": out.String()})
}

func (f *fake) get(q url.Values) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.failing > 0 {
		f.failing--
		switch f.how {
		case "html":
			return f.response(200, "<html>maintenance</html>"), nil
		case "patience":
			res := f.response(429, "{}")
			res.Header.Set("Retry-After", "40")
			return res, nil
		}
		return nil, context.DeadlineExceeded
	}
	for _, o := range f.orders {
		if o.uid != q.Get("orderUID") || o.secret != q.Get("orderSecret") {
			continue
		}
		s := o.truth()
		if f.stale > 0 {
			f.stale--
			s = o.said[max(0, len(o.said)-1-max(1, f.behind))]
		}
		to := o.to
		if s.to != "" {
			to = s.to
		}
		values := []any{}
		for _, v := range o.values {
			value := v["value"]
			if s.wallet != "" {
				value = s.wallet
			}
			values = append(values, map[string]any{"key": v["key"], "value": value})
		}
		out := s.out.String()
		if s.odd != "" {
			out = s.odd
		}
		return f.answer(map[string]any{"order": map[string]any{"_id": o.id, "uid": o.uid, "status": s.status, "inAmount": s.in.String(), "outAmount": out,
			"route": map[string]any{"from": map[string]any{"xml": o.from, "paymentDetails": map[string]any{}}, "to": map[string]any{"xml": to}}, "toValues": values}})
	}
	return f.answer(nil)
}

// getAny answers done for every uid, after as long as a good exchanger takes.
func (f *fake) getAny(q url.Values) (*http.Response, error) {
	n := f.inFlight.Add(1)
	defer f.inFlight.Add(-1)
	for most := f.crowd.Load(); n > most && !f.crowd.CompareAndSwap(most, n); most = f.crowd.Load() {
	}
	time.Sleep(5 * time.Millisecond)
	return f.answer(map[string]any{"order": map[string]any{"uid": q.Get("orderUID"), "status": exchanger.StatusDone, "inAmount": "0.3125", "outAmount": "25",
		"route": map[string]any{"from": map[string]any{"xml": "LTC"}, "to": map[string]any{"xml": "USDTTRC20"}}}})
}

func (f *fake) update(r *http.Request) (*http.Response, error) {
	var req struct {
		OrderUID json.Number `json:"orderUID"`
		Status   string      `json:"status"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.orders {
		if s := o.truth(); o.uid == req.OrderUID.String() && (s.status == exchanger.StatusNew || s.status == exchanger.StatusWaitPayment) {
			s.status, s.at = exchanger.Status(req.Status), f.clock()
			o.said = append(o.said, s)
			return f.answer(map[string]any{})
		}
	}
	return f.answer(nil)
}

// move changes the truth of an exchange order and returns the notification of it, signed.
func (f *fake) move(o *fakeOrder, change func(*fakeState)) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := o.truth()
	change(&s)
	s.at = f.clock()
	o.said = append(o.said, s)
	return f.notification(o, s, o.id, true)
}

// notification is the body of one; with another id it is about another order.
func (f *fake) notification(o *fakeOrder, s fakeState, id string, signed bool) string {
	to := o.to
	if s.to != "" {
		to = s.to
	}
	n := exchanger.Notification{OrderID: id, NewStatus: s.status, InAmount: s.in.String(), OutAmount: s.out.String(), XMLFrom: o.from, XMLTo: to,
		Timestamp: fmt.Sprint(s.at.UnixMilli())}
	v := url.Values{"orderUID": {o.uid}, "orderId": {n.OrderID}, "newStatus": {string(n.NewStatus)}, "inAmount": {n.InAmount}, "outAmount": {n.OutAmount},
		"xml_from": {n.XMLFrom}, "xml_to": {n.XMLTo}, "timestamp": {n.Timestamp}}
	if signed {
		v.Set("hash", exchanger.Sign(n, o.ipn))
	}
	return v.Encode()
}
