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

// faultSpec describes one fault to people and to the parser. The kind of input follows from the type of the field.
type faultSpec struct {
	Key, Field, Group, Label, Text string
	Example                        string // shown in an empty text input
}

const (
	groupNotify = "Notifications"
	groupWire   = "The line"
	groupAPI    = "What the API says"
	groupMarket = "Rates and clock"
	groupAim    = "Whom the faults hit"
)

var faultGroups = []string{groupNotify, groupWire, groupAPI, groupMarket, groupAim}

var faultTable = []faultSpec{
	{"lose", "LoseNotifications", groupNotify, "Lose them", "No notification is sent. The shop has to find out by itself.", ""},
	{"double", "DoubleNotifications", groupNotify, "Send them twice", "Each notification arrives twice, the same to the byte.", ""},
	{"delay", "DelayNotifications", groupNotify, "Delay them", "Each waits this long before it is sent.", "5s"},
	{"shuffle", "ShuffleNotifications", groupNotify, "Shuffle them", "Those of one order are gathered for a few steps and sent in another order.", ""},
	{"forge", "ForgeNotifications", groupNotify, "Wrong hash", "The hash does not fit what it signs.", ""},
	{"stranger", "StrangerNotifications", groupNotify, "A stranger says done", "Before each true one comes a forged one that says the order is done.", ""},
	{"unsigned", "UnsignedNotifications", groupNotify, "No hash", "They carry no hash at all.", ""},
	{"hash_field", "HashField", groupNotify, "Hash under another name", "The hash stands in a body field of this name.", "signature"},
	{"hash_header", "HashHeader", groupNotify, "Hash in a header", "The hash stands in this header, and not in the body.", "X-Signature"},
	{"before_answer", "NotifyBeforeAnswer", groupNotify, "Faster than the answer", "The first notification is delivered before order/create answers.", ""},
	{"to_values_json", "ToValuesJSON", groupNotify, "toValues as JSON", "The payout values are one JSON text in place of bracket notation.", ""},
	{"timestamp_seconds", "TimestampSeconds", groupNotify, "Seconds", "The timestamp counts seconds in place of milliseconds.", ""},

	{"slow", "Slow", groupWire, "Slow", "Each API answer takes this much longer.", "3s"},
	{"errors", "Errors", groupWire, "500", "The API answers 500, and nothing was done.", ""},
	{"errors_after", "ErrorsAfter", groupWire, "500, but done", "The API does what it was asked for and then answers 500.", ""},
	{"html", "HTMLErrors", groupWire, "An HTML page", "A proxy's error page comes in place of JSON, and nothing was done.", ""},
	{"empty", "EmptyBody", groupWire, "Empty body", "It was done, and the answer is 200 with nothing in it.", ""},
	{"half", "HalfAnswer", groupWire, "Half an answer", "It was done, and the answer breaks off in the middle.", ""},
	{"huge", "HugeBody", groupWire, "20 MiB", "The answer is 20 MiB long.", ""},
	{"drip", "Drip", groupWire, "One byte a second", "The answer comes, but drop by drop.", ""},
	{"too_many", "TooMany", groupWire, "429", "Too many calls: come back after this many seconds (Retry-After).", "30s"},
	{"reset_after", "ResetAfter", groupWire, "Answer lost", "It was done (the order is there), then the connection is reset.", ""},
	{"redirect", "RedirectTo", groupWire, "Redirect elsewhere", "The API sends its callers to this address.", "https://elsewhere.example/"},

	{"refuse_create", "RefuseCreate", groupAPI, "Refuse a payout field", "order/create says that the payout field of this id is not valid.", "wallet"},
	{"captcha", "DemandCaptcha", groupAPI, "Demand a captcha", "order/create wants a captcha first.", ""},
	{"verification", "DemandVerification", groupAPI, "Demand verification", "order/create wants a verified customer, whatever the amount.", ""},
	{"wrong_uid", "WrongUID", groupAPI, "An uid that is no number", "order/create answers a text where the uid belongs.", ""},
	{"odd_secret", "OddSecret", groupAPI, "A path in the secret", "order/create answers a secret that would change the address it is put into.", ""},
	{"refuse_negative", "RefuseNegative", groupAPI, "Refuse negative amounts", "A negative amount (what must arrive) is not understood.", ""},
	{"negative_as_in", "NegativeAsIn", groupAPI, "Misread negative amounts", "A negative amount is taken as what the customer pays.", ""},
	{"stale", "StaleReads", groupAPI, "Stale reads", "order/get comes out of a cache and tells how things stood this long ago.", "30s"},
	{"refuse_updates", "RefuseUpdates", groupAPI, "Refuse status changes", "order/update-status says no, whatever it is asked.", ""},

	{"move_rates", "MoveRates", groupMarket, "Move the rates", "All rates get worse for the customer by this many percent (better with a minus).", "2"},
	{"rates_still", "RatesStill", groupMarket, "Rates stand still", "Without it they wobble by a few hundredths of a percent, anew every 20 s.", ""},
	{"clock_skew", "ClockSkew", groupMarket, "Wrong clock", "The exchanger's clock (Date header, timestamps) is wrong by this much.", "-90s"},

	{"only", "Only", groupAim, "Only this method", "Faults of the API hit only methods whose name contains this. Empty: all.", "order/create"},
	{"chance", "Chance", groupAim, "Chance", "Percent of calls and notifications that are hit. 0: all.", "50"},
	{"times", "Times", groupAim, "How often", "Faults of the API hit this many calls, then stop. 0: no end.", "2"},
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
