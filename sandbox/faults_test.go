package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// raw makes one order/create and returns the answer as it came off the line.
func (r *rig) raw() (*http.Response, []byte, error) {
	r.t.Helper()
	text, err := json.Marshal(r.wish("BTC", "USDTTRC20", "-25"))
	if err != nil {
		r.t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: 20 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Post(r.web.URL+apiPath+"public/exchanger/order/create", "application/json", strings.NewReader(string(text)))
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

func TestFaultsOfTheLine(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults Faults
		made   int // orders
		check  func(resp *http.Response, body []byte, err error) bool
	}{
		{"500 does nothing", Faults{Errors: true}, 0, func(resp *http.Response, _ []byte, _ error) bool { return resp.StatusCode == 500 }},
		{"500 though it was done", Faults{ErrorsAfter: true}, 1, func(resp *http.Response, _ []byte, _ error) bool { return resp.StatusCode == 500 }},
		{"an HTML page", Faults{HTMLErrors: true}, 0, func(_ *http.Response, body []byte, _ error) bool { return strings.Contains(string(body), "<html>") }},
		{"an empty body", Faults{EmptyBody: true}, 1, func(resp *http.Response, body []byte, err error) bool {
			return err == nil && resp.StatusCode == 200 && len(body) == 0
		}},
		{"half an answer", Faults{HalfAnswer: true}, 1, func(_ *http.Response, body []byte, err error) bool {
			return errors.Is(err, io.ErrUnexpectedEOF) && len(body) > 10
		}},
		{"20 MiB", Faults{HugeBody: true}, 1, func(_ *http.Response, body []byte, err error) bool {
			return err == nil && len(body) > 20<<20 && json.Valid(body)
		}},
		{"429 with Retry-After", Faults{TooMany: 30 * time.Second}, 0, func(resp *http.Response, _ []byte, _ error) bool {
			return resp.StatusCode == 429 && resp.Header.Get("Retry-After") == "30"
		}},
		{"answer lost", Faults{ResetAfter: true}, 1, func(_ *http.Response, _ []byte, err error) bool {
			return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)
		}},
		{"redirect elsewhere", Faults{RedirectTo: "https://elsewhere.example/x"}, 0, func(resp *http.Response, _ []byte, _ error) bool {
			return resp.StatusCode == 302 && resp.Header.Get("Location") == "https://elsewhere.example/x"
		}},
		{"slow", Faults{Slow: 80 * time.Millisecond}, 1, func(resp *http.Response, _ []byte, err error) bool { return err == nil && resp.StatusCode == 200 }},
		{"another method is meant", Faults{Errors: true, Only: "order/get"}, 1, func(resp *http.Response, _ []byte, _ error) bool { return resp.StatusCode == 200 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, Config{})
			r.SetFaults(tt.faults)
			began := time.Now()
			resp, body, err := r.raw()
			if !tt.check(resp, body, err) {
				t.Errorf("resp %v, %d bytes, error %v", resp, len(body), err)
			}
			if time.Since(began) < tt.faults.Slow {
				t.Error("too fast")
			}
			if n := len(r.Orders()); n != tt.made {
				t.Errorf("%d orders, want %d", n, tt.made)
			}
			if told := r.told(); len(told) != tt.made {
				t.Errorf("told %v", told)
			}
		})
	}
}

func TestDripComesAsSlowlyAsItSays(t *testing.T) {
	r := start(t, Config{})
	r.SetFaults(Faults{Drip: true})
	resp, err := http.Get(r.web.URL + apiPath + "public/exchanger/route/get")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	began, b := time.Now(), make([]byte, 2)
	if _, err := io.ReadFull(resp.Body, b); err != nil || time.Since(began) < 500*time.Millisecond {
		t.Errorf("two bytes after %s: %v", time.Since(began), err)
	}
}

func TestFaultsOfWhatTheAPISays(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults Faults
		check  func(a answer) bool
	}{
		{"a payout field is refused", Faults{RefuseCreate: "wallet"}, func(a answer) bool { return a.Error.Object != nil && a.Error.Object.FieldID == "wallet" }},
		{"captcha", Faults{DemandCaptcha: true}, func(a answer) bool { return a.Error.Code == "1601588666628861" }},
		{"verification", Faults{DemandVerification: true}, func(a answer) bool { return a.Error.Code == "5001670807585394" }},
		{"an uid that is no number", Faults{WrongUID: true}, func(a answer) bool { _, ok := a.Data["uid"].(string); return a.Success && ok }},
		{"a path in the secret", Faults{OddSecret: true}, func(a answer) bool { return a.Success && strings.Contains(a.Data["secret"].(string), "../") }},
		{"negative amounts refused", Faults{RefuseNegative: true}, func(a answer) bool { return a.Error.Object != nil && a.Error.Object.FieldID == "amount" }},
		{"negative amounts misread", Faults{NegativeAsIn: true, Only: "create"}, func(a answer) bool { return a.Error.Object != nil && a.Error.Object.Err == "max" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, Config{})
			r.SetFaults(tt.faults)
			if a := r.api("POST", "public/exchanger/order/create", r.wish("BTC", "USDTTRC20", "-25")); !tt.check(a) {
				t.Errorf("%s", a.Raw)
			}
		})
	}
	t.Run("status changes refused", func(t *testing.T) {
		r := start(t, Config{})
		o := r.order("BTC", "USDTTRC20", "-25")
		r.SetFaults(Faults{RefuseUpdates: true})
		if a := r.api("PUT", "public/exchanger/order/update-status", map[string]any{"orderUID": o.UID, "orderSecret": o.Secret, "status": "deleted"}); a.Success {
			t.Errorf("%s", a.Raw)
		}
	})
	t.Run("a clock that is wrong", func(t *testing.T) {
		r := start(t, Config{})
		r.SetFaults(Faults{ClockSkew: -time.Hour})
		at, err := http.ParseTime(r.api("GET", "public/exchanger/route/get", nil).Header.Get("Date"))
		if err != nil || time.Since(at) < 59*time.Minute {
			t.Errorf("Date %s, %v", at, err)
		}
	})
}

func TestStaleReadsTellThePast(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	r := start(t, Config{Now: func() time.Time { return now }})
	o := r.order("BTC", "USDTTRC20", "-25")
	r.Advance(time.Minute)
	r.Move(o.UID, StatusDone, false)
	r.SetFaults(Faults{StaleReads: 30 * time.Second})
	if got := r.get(o)["status"]; got != StatusWaitPayment {
		t.Errorf("30 s ago it was %v", got)
	}
	r.Advance(31 * time.Second)
	if got := r.get(o)["status"]; got != StatusDone {
		t.Errorf("now it is %v", got)
	}
}

func TestFaultsStopAfterSoManyCalls(t *testing.T) {
	r := start(t, Config{})
	r.SetFaults(Faults{Errors: true, Times: 2})
	codes := []int{}
	for range 3 {
		resp, _, err := r.raw()
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, resp.StatusCode)
	}
	if !reflect.DeepEqual(codes, []int{500, 500, 200}) {
		t.Errorf("%v", codes)
	}
}

func TestChanceIsRepeatable(t *testing.T) {
	run := func() (list []bool) {
		r := start(t, Config{Seed: 5})
		r.SetFaults(Faults{Errors: true, Chance: 50})
		for range 20 {
			list = append(list, r.faultsFor("public/exchanger/route/get").Errors)
		}
		return list
	}
	a, b := run(), run()
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed throws other dice")
	}
}

// Every fault of the struct is in the table, survives JSON and can be set from a form.
func TestFaultTableIsWhole(t *testing.T) {
	var f Faults
	form := url.Values{}
	for _, spec := range faultTable {
		if !f.value(spec).IsValid() {
			t.Fatalf("%s: no field %s", spec.Key, spec.Field)
		}
		sample := map[string]string{"int": "7", "string": "x", "Duration": "3s", "bool": "true", "Decimal": "2.5"}[f.value(spec).Type().Name()]
		form.Set(spec.Key, sample)
		if spec.Label == "" || spec.Text == "" {
			t.Errorf("%s has no words", spec.Key)
		}
	}
	if n := reflect.TypeFor[Faults]().NumField(); n != len(faultTable) {
		t.Errorf("%d fields, %d in the table", n, len(faultTable))
	}
	if err := f.fromForm(form); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var back Faults
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	for _, spec := range faultTable {
		if got, want := back.text(spec), form.Get(spec.Key); got != want {
			t.Errorf("%s is %q after JSON, want %q", spec.Key, got, want)
		}
	}
	for _, bad := range []string{`{"nothing":true}`, `{"slow":"soon"}`, `{"chance":-1}`, `{"move_rates":"much"}`, `[]`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
