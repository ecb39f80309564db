package exchanger

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

var (
	// ErrContentType: a notification is application/x-www-form-urlencoded [doc]; answer 415.
	ErrContentType = errors.New("not application/x-www-form-urlencoded")
	// ErrUnreadable: the body is no notification; answer 400.
	ErrUnreadable = errors.New("not a notification")
)

// Notification is an IPN as it was received, nothing of it proven yet: see Prove. The texts of the seven signed fields are
// kept as they were sent, since the hash covers those texts.
type Notification struct {
	OrderUID  string // not covered by the hash: never store it as a fact
	OrderID   string
	NewStatus Status
	InAmount  string
	OutAmount string
	XMLFrom   string
	XMLTo     string
	Timestamp string

	At           time.Time       // what Timestamp means, UTC; zero when it is no sensible time
	In, Out      decimal.Decimal // units of from and to
	AmountsKnown bool            // false: an amount is not a number
	ToValues     []Value         // not covered by the hash: never store them as facts

	Hashes []HashCandidate // every value that may be the hash
}

// HashCandidate is a value that may be a notification's hash: the document does not name the field that carries it [?].
type HashCandidate struct {
	Name  string // of the field or header
	Value string // lower case; of any length under a configured name, else 64 hex digits
	Claim bool   // stands where a hash is expected, so that a mismatch is a wrong hash and not a hint
}

var (
	hex64     = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
	toBracket = regexp.MustCompile(`^toValues\[([0-9]{1,4})\](?:\[|\.)([A-Za-z]+)\]?$`)
)

// The signed fields in the order of the hash [doc], then the one beside them.
var scalarFields = []string{"orderId", "newStatus", "inAmount", "outAmount", "xml_from", "xml_to", "timestamp", "orderUID"}

// ParseNotification reads a notification. hashNames are the fields and headers where the hash may stand; any other value
// of 64 hex digits in the body is a candidate too. The caller has limited the body's size. Errors: ErrContentType,
// ErrUnreadable (also when a field that must be single comes twice: which one was signed could not be told).
func ParseNotification(contentType string, header http.Header, body []byte, hashNames []string) (Notification, error) {
	if kind, _, err := mime.ParseMediaType(contentType); err != nil || kind != "application/x-www-form-urlencoded" {
		return Notification{}, ErrContentType
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Notification{}, fmt.Errorf("%w: the form cannot be decoded", ErrUnreadable)
	}
	for _, name := range scalarFields {
		vs := form[name]
		if len(vs) > 1 {
			return Notification{}, fmt.Errorf("%w: %s comes twice", ErrUnreadable, name)
		}
		if len(vs) == 1 && (len(vs[0]) > 200 || printable(vs[0]) != vs[0] || strings.ContainsAny(vs[0], "\n\t")) {
			return Notification{}, fmt.Errorf("%w: %s is not a short line of text", ErrUnreadable, name)
		}
	}
	n := Notification{
		OrderUID: form.Get("orderUID"), OrderID: form.Get("orderId"), NewStatus: Status(form.Get("newStatus")), InAmount: form.Get("inAmount"),
		OutAmount: form.Get("outAmount"), XMLFrom: form.Get("xml_from"), XMLTo: form.Get("xml_to"), Timestamp: form.Get("timestamp"),
	}
	if n.OrderID == "" || n.NewStatus == "" {
		return Notification{}, fmt.Errorf("%w: orderId or newStatus is missing", ErrUnreadable)
	}
	n.At = timeOf(n.Timestamp)
	in, errIn := parseNum(n.InAmount)
	out, errOut := parseNum(n.OutAmount)
	if errIn == nil && errOut == nil {
		n.In, n.Out, n.AmountsKnown = in, out, true
	}
	n.ToValues = toValuesOf(form)
	n.Hashes = candidates(form, header, hashNames, n.ToValues)
	return n, nil
}

// timeOf reads a unix time: milliseconds in the document's example, seconds and microseconds by their size.
func timeOf(s string) time.Time {
	v, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || v <= 0:
		return time.Time{}
	case v < 1e11:
		return time.Unix(v, 0).UTC()
	case v < 1e14:
		return time.UnixMilli(v).UTC()
	case v < 1e17:
		return time.UnixMicro(v).UTC()
	}
	return time.Time{}
}

// toValuesOf reads toValues in bracket notation or as JSON, whichever came [?].
func toValuesOf(form url.Values) []Value {
	var out []Value
	for _, name := range []string{"toValues", "toValues[]"} {
		for _, raw := range form[name] {
			out = append(out, valuesOf([]byte(raw))...)
		}
	}
	byIndex := map[int]*Value{}
	var order []int
	for name, vs := range form {
		m := toBracket.FindStringSubmatch(name)
		if m == nil || len(vs) == 0 {
			continue
		}
		i, _ := strconv.Atoi(m[1])
		if byIndex[i] == nil {
			byIndex[i] = &Value{}
			order = append(order, i)
		}
		switch sent := text(printable(vs[0])); strings.ToLower(m[2]) {
		case "key":
			byIndex[i].Key = sent.line(64)
		case "name":
			byIndex[i].Name = sent.line(200)
		case "value":
			byIndex[i].Value = cut(string(sent), maxValue)
		}
	}
	slices.Sort(order)
	for _, i := range order {
		out = append(out, *byIndex[i])
	}
	return out
}

// candidates collects what may be the hash. Under a configured name, or as 64 hex digits in a field of its own, a value
// claims to be one; 64 hex digits inside toValues may be a wallet or a transaction of the merchant's: they prove when they
// match, and say nothing when they do not.
func candidates(form url.Values, header http.Header, hashNames []string, values []Value) []HashCandidate {
	var out []HashCandidate
	named := func(name string) bool {
		return slices.ContainsFunc(hashNames, func(h string) bool { return strings.EqualFold(h, name) })
	}
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if slices.Contains(scalarFields, name) {
			continue
		}
		inside := strings.HasPrefix(name, "toValues")
		for _, v := range form[name] {
			if v = bareHash(v); named(name) && v != "" || hex64.MatchString(v) {
				out = append(out, HashCandidate{Name: cut(printable(name), 64), Value: cut(v, 200), Claim: !inside})
			}
		}
	}
	for _, v := range values {
		if h := bareHash(v.Value); hex64.MatchString(h) {
			out = append(out, HashCandidate{Name: "toValues", Value: h})
		}
	}
	for _, name := range hashNames {
		for _, v := range header.Values(name) {
			if v = bareHash(v); v != "" {
				out = append(out, HashCandidate{Name: name, Value: cut(v, 200), Claim: true})
			}
		}
	}
	return out
}

func bareHash(v string) string {
	v = strings.ToLower(strings.TrimSpace(printable(v)))
	return strings.TrimPrefix(v, "sha256=")
}
