package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Faults is what goes wrong on purpose. The zero value is an exchanger that works.
// Over HTTP the names are those of the fault table (snake case); durations are text such as "2s".
type Faults struct {
	LoseNotifications     bool          // none is sent
	DoubleNotifications   bool          // each is sent twice
	DelayNotifications    time.Duration // each waits this long, in real time
	ShuffleNotifications  bool          // those of one order arrive in another order
	ForgeNotifications    bool          // the hash is wrong
	StrangerNotifications bool          // before each true one a forged one says done
	UnsignedNotifications bool          // no hash at all
	HashField             string        // the hash stands in a body field of this name
	HashHeader            string        // the hash stands in this header and not in the body
	NotifyBeforeAnswer    bool          // order/create answers after its notification was delivered
	ToValuesJSON          bool          // toValues is one JSON text, not bracket notation
	TimestampSeconds      bool          // timestamp in seconds, not milliseconds

	Slow        time.Duration // each API answer waits this long, in real time
	Errors      bool          // HTTP 500, nothing was done
	ErrorsAfter bool          // HTTP 500, though it was done
	HTMLErrors  bool          // an HTML page instead of JSON, nothing was done
	EmptyBody   bool          // 200 with an empty body, though it was done
	HalfAnswer  bool          // the answer breaks off in the middle
	HugeBody    bool          // 20 MiB
	Drip        bool          // one byte a second
	TooMany     time.Duration // HTTP 429 with this Retry-After, in whole seconds
	ResetAfter  bool          // the connection is reset after the request was handled
	RedirectTo  string        // HTTP 302 to this address

	RefuseCreate       string        // order/create refuses the payout field of this id
	DemandCaptcha      bool          // order/create wants a captcha
	DemandVerification bool          // order/create wants a verified customer
	WrongUID           bool          // order/create answers an uid that is no number
	OddSecret          bool          // order/create answers a secret with a path in it
	RefuseNegative     bool          // a negative amount is refused
	NegativeAsIn       bool          // a negative amount is taken as what the customer pays
	StaleReads         time.Duration // order/get answers as it was this long ago
	RefuseUpdates      bool          // order/update-status is refused

	MoveRates  decimal.Decimal // percent: all rates are this much worse for the customer (negative: better)
	RatesStill bool            // rates do not wobble
	ClockSkew  time.Duration   // the exchanger's clock is wrong by this much

	Only   string // API faults hit only methods whose name contains this, such as order/create
	Chance int    // percent of calls and notifications that are hit; 0: all
	Times  int    // API faults hit this many calls and then stop; 0: no end
}

// value finds the struct field of a fault.
func (f *Faults) value(spec faultSpec) reflect.Value {
	return reflect.ValueOf(f).Elem().FieldByName(spec.Field)
}

// text is a fault's value as a form shows it; "" when it is off.
func (f Faults) text(spec faultSpec) string {
	switch v := f.value(spec).Interface().(type) {
	case bool:
		if v {
			return "true"
		}
	case time.Duration:
		if v != 0 {
			return v.String()
		}
	case int:
		if v != 0 {
			return strconv.Itoa(v)
		}
	case decimal.Decimal:
		if !v.IsZero() {
			return v.String()
		}
	case string:
		return v
	}
	return ""
}

// set reads a fault's value from text. The error is for people.
func (f *Faults) set(spec faultSpec, text string) error {
	text = strings.TrimSpace(text)
	target := f.value(spec)
	if text == "" {
		target.SetZero()
		return nil
	}
	var err error
	switch target.Interface().(type) {
	case bool:
		target.SetBool(text != "false" && text != "0" && text != "off")
	case time.Duration:
		var d time.Duration
		if d, err = parseDuration(text); err == nil {
			target.SetInt(int64(d))
		}
	case int:
		var n int
		if n, err = strconv.Atoi(text); err == nil && n < 0 {
			err = fmt.Errorf("less than 0")
		}
		target.SetInt(int64(n))
	case decimal.Decimal:
		var d decimal.Decimal
		if d, err = parseAmount(text); err == nil {
			target.Set(reflect.ValueOf(d))
		}
	case string:
		target.SetString(text)
	}
	if err != nil {
		return fmt.Errorf("%s: got %q: %w", spec.Key, text, err)
	}
	return nil
}

// parseDuration takes "90s", "2h", and a bare number as seconds.
func parseDuration(text string) (time.Duration, error) {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > -1e8 && n < 1e8 {
		return time.Duration(n * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("want a duration such as 15s")
	}
	return d, nil
}

// MarshalJSON writes the faults under the keys of the table: switches as true or false, the rest as text or number.
func (f Faults) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, spec := range faultTable {
		if i > 0 {
			b.WriteByte(',')
		}
		v := f.value(spec).Interface()
		switch v.(type) {
		case time.Duration, decimal.Decimal:
			v = f.text(spec)
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", spec.Key, text)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON changes only the faults that are named; an unknown name is an error.
func (f *Faults) UnmarshalJSON(data []byte) error {
	var in map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		return err
	}
	form := url.Values{}
	for k, v := range in {
		if v == nil || v == false {
			v = ""
		}
		form.Set(k, fmt.Sprint(v))
	}
	return f.fromForm(form)
}

func (f *Faults) fromForm(form url.Values) error {
	for key := range form {
		i := faultIndex(key)
		if i < 0 {
			return fmt.Errorf("%s: no such fault", key)
		}
		if err := f.set(faultTable[i], form.Get(key)); err != nil {
			return err
		}
	}
	return nil
}

func faultIndex(key string) int {
	for i, spec := range faultTable {
		if spec.Key == key {
			return i
		}
	}
	return -1
}

// on counts the faults of a group that are switched on.
func (f Faults) on(group string) int {
	n := 0
	for _, spec := range faultTable {
		if spec.Group == group && f.text(spec) != "" {
			n++
		}
	}
	return n
}

// calm keeps what belongs to the market and the clock and drops the rest: the faults of a call that is not hit.
func (f Faults) calm() Faults {
	return Faults{MoveRates: f.MoveRates, RatesStill: f.RatesStill, ClockSkew: f.ClockSkew}
}

// faultsFor decides whether a call of this method is hit, and by what.
func (s *Sandbox) faultsFor(method string) Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.faults
	if f.on(groupWire)+f.on(groupAPI) == 0 && !f.NotifyBeforeAnswer {
		return f
	}
	if f.Only != "" && !strings.Contains(method, f.Only) {
		return f.calm()
	}
	if f.Times > 0 && s.struck >= f.Times {
		return f.calm()
	}
	if f.Chance > 0 && s.dice.IntN(100) >= f.Chance {
		return f.calm()
	}
	s.struck++
	return f
}
