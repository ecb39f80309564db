package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// documented is one row of docs/configuration.md.
type documented struct{ value, meaning, example string }

func readDocs(t *testing.T) map[string]documented {
	t.Helper()
	raw, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]documented{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ?(.*?) \\| (.*?) \\| ?(.*?) ?\\|$").FindAllStringSubmatch(string(raw), -1) {
		rows[m[1]] = documented{m[2], m[3], strings.Trim(m[4], "`")}
	}
	return rows
}

func TestEveryKeyIsDocumented(t *testing.T) {
	rows := readDocs(t)
	known := map[string]bool{"exchanger.poll": true}
	for _, key := range Keys() {
		known[key] = true
		if rows[key].meaning == "" {
			t.Errorf("docs/configuration.md does not explain %s", key)
		}
	}
	for key := range rows {
		if !known[key] {
			t.Errorf("docs/configuration.md explains %s, which is no key", key)
		}
	}
}

// defaults are the values of Default by key, those of single values only.
func defaults(v reflect.Value, at string, into map[string]string) {
	for _, f := range fields(v.Type()) {
		switch fv := v.Field(f.index); {
		case section(fv.Type()):
			defaults(fv, at+f.name+".", into)
		case fv.Kind() != reflect.Slice && fv.Kind() != reflect.Map:
			into[at+f.name] = text(fv, f.as)
		}
	}
}

func TestTheDocumentedDefaultsAreTheDefaults(t *testing.T) {
	rows, want := readDocs(t), map[string]string{}
	defaults(reflect.ValueOf(Default()), "", want)
	delete(want, "security.payout_delay") // two defaults, one for each mode
	for key, value := range want {
		short := strings.Replace(strings.Replace(value, "m0s", "m", 1), "h0m", "h", 1) // 2h0m0s is written 2h
		got := strings.Trim(rows[key].value, "`")
		if got == "empty" {
			got = ""
		}
		if got != value && got != short {
			t.Errorf("%s: the documentation says %q, the default is %q", key, got, value)
		}
	}
}

func TestEveryDocumentedExampleLoads(t *testing.T) {
	none := filepath.Join(t.TempDir(), "config.yaml")
	for key, row := range readDocs(t) {
		if strings.Contains(key, "[]") {
			continue
		}
		if row.example == "" {
			t.Errorf("%s has no example", key)
			continue
		}
		environ := []string{"MOSTRADOR_" + strings.ToUpper(strings.ReplaceAll(key, ".", "__")) + "=" + row.example}
		if key == "mail.url" {
			environ = append(environ, "MOSTRADOR_MAIL__FROM=a@b.example")
		}
		if _, err := Load(none, false, environ); err != nil {
			t.Errorf("the example of %s: %v", key, err)
		}
	}
}

func TestTheConfigurationOfTheGuideToLiveModeLoads(t *testing.T) {
	raw, err := os.ReadFile("../docs/live.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(raw)
	if block == nil {
		t.Fatal("docs/live.md shows no configuration")
	}
	if c := mustLoad(t, string(block[1])); !c.Live() || c.Security.PayoutDelay != DefaultPayoutDelay {
		t.Errorf("got %s", c)
	}
}
