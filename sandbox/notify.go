package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Signature is the hash of a notification: sha256 in hex over its seven signed fields and the ipnSecret [doc]. All are the
// strings that are sent.
func Signature(orderID, status, in, out, xmlFrom, xmlTo, timestamp, secret string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{orderID, status, in, out, xmlFrom, xmlTo, timestamp, secret}, ":")))
	return hex.EncodeToString(sum[:])
}

// notify queues what the order's present status makes the exchanger send. Call with the lock held.
func (s *Sandbox) notify(o *Order) { s.notifyHeld(o, nil) }

// notifyHeld queues notifications that wait until hold is closed, and returns the true one; nil when none is sent.
func (s *Sandbox) notifyHeld(o *Order, hold chan struct{}) *notice {
	if o.IPNURL == "" {
		return nil
	}
	f := s.faults
	if f.on(groupNotify) > 0 && f.Chance > 0 && s.dice.IntN(100) >= f.Chance {
		f = f.calm()
	}
	if f.StrangerNotifications {
		forged := o.clone()
		forged.Status = StatusDone
		lie := f
		lie.ForgeNotifications, lie.UnsignedNotifications = true, false
		stranger := s.compose(&forged, lie)
		stranger.hold = hold
		s.post.add(stranger)
	}
	if f.LoseNotifications {
		o.addNotice(Notice{At: s.clock(), Status: o.Status, Result: "lost by a fault"})
		return nil
	}
	n := s.compose(o, f)
	n.hold = hold
	s.post.add(n)
	if f.DoubleNotifications {
		again := *n
		again.done = make(chan struct{})
		s.post.add(&again)
	}
	return n
}

// compose writes a notification as the platform does [doc], with what the faults make of it.
func (s *Sandbox) compose(o *Order, f Faults) *notice {
	ms := s.stamp(f).UnixMilli()
	if f.ClockSkew == 0 { // two changes within one millisecond keep their order
		ms = max(ms, s.lastMS+1)
		s.lastMS = ms
	}
	stamp := strconv.FormatInt(ms, 10)
	if f.TimestampSeconds {
		stamp = strconv.FormatInt(ms/1000, 10)
	}
	in, out := jsText(o.InAmount), jsText(o.OutAmount)
	form := url.Values{
		"orderUID": {strconv.FormatInt(o.UID, 10)}, "orderId": {o.ID}, "newStatus": {o.Status},
		"inAmount": {in}, "outAmount": {out}, "xml_from": {o.From}, "xml_to": {o.To}, "timestamp": {stamp},
	}
	addToValues(form, o.ToValues, f.ToValuesJSON)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	hash := Signature(o.ID, o.Status, in, out, o.From, o.To, stamp, o.IPNSecret)
	if f.ForgeNotifications {
		hash = fmt.Sprintf("%016x%016x%016x%016x", s.dice.Uint64(), s.dice.Uint64(), s.dice.Uint64(), s.dice.Uint64())
	}
	switch {
	case f.UnsignedNotifications:
	case f.HashHeader != "":
		header.Set(f.HashHeader, hash)
	case f.HashField != "":
		form.Set(f.HashField, hash)
	default:
		form.Set("hash", hash)
	}
	n := &notice{
		uid: o.UID, status: o.Status, url: o.IPNURL, body: form.Encode(), header: header,
		delay: f.DelayNotifications, done: make(chan struct{}),
	}
	if f.ShuffleNotifications {
		n.gather = 3*s.habits().Step + 50*time.Millisecond
		n.lot = s.dice.Uint64()
	}
	return n
}

func addToValues(form url.Values, values []Value, asJSON bool) {
	type plain struct {
		Key   string `json:"key"`
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	list := make([]plain, len(values))
	for i, v := range values {
		list[i] = plain{v.Key, v.Name, v.Value}
		if !asJSON {
			at := "toValues[" + strconv.Itoa(i) + "]"
			form.Set(at+"[key]", v.Key)
			form.Set(at+"[name]", v.Name)
			form.Set(at+"[value]", v.Value)
		}
	}
	if asJSON {
		text, _ := json.Marshal(list) // strings only: cannot fail
		form.Set("toValues", string(text))
	}
}

// noticed writes down what became of a notification.
func (s *Sandbox) noticed(n *notice, result string) {
	s.log.Info("sandbox notification", "uid", n.uid, "status", n.status, "result", result)
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.orders[n.uid]
	if !ok {
		return
	}
	o.addNotice(Notice{At: s.clock(), Status: n.status, Result: result})
	s.save(o)
	s.touched()
}

func (o *Order) addNotice(n Notice) {
	o.Notices = append(o.Notices, n)
	if len(o.Notices) > keptEntries {
		o.Notices = o.Notices[len(o.Notices)-keptEntries:]
	}
}
