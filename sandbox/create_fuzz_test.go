package sandbox

import (
	"testing"
)

// Whatever a stranger sends, the parser answers with a request or names a parameter; it neither panics nor swells.
func FuzzParseCreate(f *testing.F) {
	for _, seed := range []struct{ kind, body string }{
		{"application/json", `{"routeId":"x","amount":-25.5,"agreement":true,"toValues":[{"key":"wallet","value":"T1"}]}`},
		{"application/json", `{"amount":"1e-7","toValues":{"0":{"key":"a","value":1},"10":{"key":"b","value":true}},"fromValues":null}`},
		{"application/json; charset=utf-8", `{"amount":1e999999999}`},
		{"application/x-www-form-urlencoded", `routeId=x&amount=25&agreement=1&toValues%5B0%5D%5Bkey%5D=wallet&toValues[0][value]=T1&toValues[999][key]=`},
		{"application/x-www-form-urlencoded", `toValues=&toValues[0][key]=a&toValues[0][key]=b&%zz`},
		{"text/plain", `x`},
		{"", `[]`},
	} {
		f.Add(seed.kind, []byte(seed.body))
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		r, problem := parseCreate(kind, body)
		if problem != nil {
			if problem.Message == "" || problem.Code == 0 || problem.status == 0 {
				t.Errorf("a refusal without words: %+v", problem)
			}
			return
		}
		if len(r.From)+len(r.To)+len(r.Route) > 3*maxValues {
			t.Errorf("%d values", len(r.From)+len(r.To)+len(r.Route))
		}
		if e := r.Amount.Exponent(); e < -40 || e > 40 {
			t.Errorf("amount with exponent %d", e)
		}
	})
}

func FuzzParseLine(f *testing.F) {
	line, err := formatLine(entry{Kind: kindClock, Offset: 5})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add([]byte("00000000 {}\n"))
	f.Add([]byte("torn"))
	f.Fuzz(func(t *testing.T, line []byte) { parseLine(line) })
}
