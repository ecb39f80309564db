package config

import (
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"mostrador/messages"
)

func writeFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoad(t *testing.T, text string, environ ...string) Config {
	t.Helper()
	c, err := Load(writeFile(t, text), true, environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheFileMayBeMissingUnlessItWasNamed(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "config.yaml")
	c, err := Load(missing, false, nil)
	if err != nil || !reflect.DeepEqual(c, Default()) {
		t.Errorf("not named: got %v, %v; want the defaults", c, err)
	}
	_, err = Load(missing, true, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "--config: got ") || !strings.HasSuffix(err.Error(), "want a file that exists") {
		t.Errorf("named: got %v", err)
	}
	_, err = Load(t.TempDir(), false, nil)
	if found, ok := err.(Errors); !ok || len(found) != 1 {
		t.Errorf("a folder: got %v", err)
	}
}

func TestTheEnvironmentWins(t *testing.T) {
	c := mustLoad(t, "shop: {name: File, languages: [en, ru]}\nexchanger: {poll: {first: 20s}}\n"+ownPayout,
		"MOSTRADOR_SHOP__NAME=[Env] a=b", `MOSTRADOR_SHOP__LANGUAGES=["es"]`, `MOSTRADOR_EXCHANGER__POLL={"watched":"2s","max":"3m"}`, "MOSTRADOR_EXCHANGER__POLL__MAX=4m",
		`MOSTRADOR_PAYOUTS=[{"currency":"WMZ","rate":1.10,"values":{"5d8e6002b80b7b4cd75a6424":"Z1"},"routeValues":{"city":"Madrid"}}]`,
		`MOSTRADOR_EXCHANGER__SITES=[{"name":"one","base_url":"https://one.example/","headers":{"X-Api.Key":"s3cret"}}]`,
		"MOSTRADOR_EXCHANGER__CALLS_PER_SECOND=0.5", "MOSTRADOR_SHOP__DEMO=true", "MOSTRADOR_SERVER__TRUSTED_PROXIES=[\"10.1.2.3/8\",\"::1\"]",
		"MOSTRADOR_TEST_POSTGRES=postgres://elsewhere", "PATH=/bin", "MOSTRADOR", "XMOSTRADOR_SHOP__NAME=no")
	if c.Shop.Name != "[Env] a=b" || !slices.Equal(c.Shop.Languages, []string{"es"}) || !c.Shop.Demo {
		t.Errorf("shop: %+v", c.Shop)
	}
	if want := (Poll{2 * time.Second, 20 * time.Second, 4 * time.Minute}); c.Exchanger.Poll != want {
		t.Errorf("poll: got %+v, want %+v", c.Exchanger.Poll, want)
	}
	p := c.Payouts
	if len(p) != 1 || p[0].Currency != "WMZ" || p[0].Rate.StringFixed(2) != "1.10" || p[0].Values["5d8e6002b80b7b4cd75a6424"] != "Z1" || len(p[0].Values) != 1 || p[0].RouteValues["city"] != "Madrid" {
		t.Errorf("payouts: %v", p)
	}
	s := c.Exchanger.Sites
	if len(s) != 1 || s[0].BaseURL != "https://one.example" || s[0].APIPath != DefaultAPIPath || s[0].Headers["X-Api.Key"] != "s3cret" {
		t.Errorf("sites: %+v", s)
	}
	if c.Exchanger.CallsPerSecond != 0.5 || !slices.Equal(c.Server.Proxies(), []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}) {
		t.Errorf("calls %v, proxies %v", c.Exchanger.CallsPerSecond, c.Server.TrustedProxies)
	}
}

func TestNumbersKeepTheirText(t *testing.T) {
	c := mustLoad(t, "payouts: [{currency: BTC, rate: 0.000012345678901234, values: {wallet: 0012, tag: 1.10}}]\nshop: {name: 2024-01-01}")
	if got := c.Payouts[0].Rate.String(); got != "0.000012345678901234" {
		t.Errorf("rate %s", got)
	}
	if v := c.Payouts[0].Values; v["wallet"] != "0012" || v["tag"] != "1.10" || c.Shop.Name != "2024-01-01" {
		t.Errorf("got %v, %q", v, c.Shop.Name)
	}
}

func TestAnEmptyValueIsNotSet(t *testing.T) {
	if c := mustLoad(t, "shop:\n  name:\nmail:\npayouts:\n"); !reflect.DeepEqual(c, Default()) {
		t.Errorf("got %v", c)
	}
}

func TestAChangedWalletWaitsOnlyWhereMoneyIsReal(t *testing.T) {
	const live = "exchanger: {mode: live}\nserver: {public_url: https://shop.example}\n" + ownPayout
	for _, tt := range []struct {
		name, file string
		want       time.Duration
	}{
		{"sandbox", "", 0},
		{"sandbox that wants to rehearse it", "security: {payout_delay: 1h}", time.Hour},
		{"live", live, DefaultPayoutDelay},
		{"live, switched off by hand", live + "security: {payout_delay: 0s}", 0},
	} {
		if got := mustLoad(t, tt.file).Security.PayoutDelay; got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestTheRepositorysFileTurnedLiveKeepsTheWait(t *testing.T) {
	c, err := Load("../config.yaml", true, []string{"MOSTRADOR_EXCHANGER__MODE=live", `MOSTRADOR_PAYOUTS=[{"currency":"BTC","values":{"wallet":"x"}}]`})
	if err != nil || c.Security.PayoutDelay != DefaultPayoutDelay {
		t.Errorf("got %v, %v; want %v", c.Security.PayoutDelay, err, DefaultPayoutDelay)
	}
}

func TestLiveModeOnOneMachineNeedsNoCertificateAndNoOwnWallet(t *testing.T) {
	c := mustLoad(t, "exchanger: {mode: live, sites: [{name: fake, base_url: 'http://127.0.0.1:1234'}]}")
	if s := c.ActiveSites(); !c.Live() || len(s) != 1 || s[0].Name != "fake" {
		t.Errorf("sites: %v", s)
	}
}

func TestSandboxModeHasOneSite(t *testing.T) {
	s := Default().ActiveSites()
	if len(s) != 1 || s[0].Name != SandboxSite || s[0].BaseURL != "http://localhost:8090" || s[0].APIPath != DefaultAPIPath {
		t.Errorf("got %v", s)
	}
}

func TestPollNeverWaitsLongerThanItsMaximum(t *testing.T) {
	if p := mustLoad(t, "exchanger: {poll: {max: 2s}}").Exchanger.Poll; p.First != 2*time.Second || p.Watched != 2*time.Second {
		t.Errorf("got %+v", p)
	}
}

func TestDatabaseAddressesComeInOneForm(t *testing.T) {
	for in, want := range map[string]string{
		"sqlite:///var/lib/shop.db":         "sqlite:/var/lib/shop.db",
		"sqlite:shop.db":                    "sqlite:shop.db",
		"postgres://u:p@h/db?sslmode=allow": "postgres://u:p@h/db?sslmode=allow",
		"postgresql://u:p@h/db":             "postgres://u:p@h/db",
	} {
		if got := mustLoad(t, "database: {url: '"+in+"'}").Database.URL; got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestTheRepositorysFileIsTheDocumentedDefault(t *testing.T) {
	raw, err := os.ReadFile("../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load("../config.yaml", true, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Shop.Demo = true
	if !reflect.DeepEqual(c, want) {
		t.Errorf("config.yaml differs from the defaults:\n%s\nwant\n%s", c, want)
	}
	var doc map[string]any
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, key := range Keys() {
		if !stands(doc, strings.Split(key, ".")) {
			t.Errorf("config.yaml does not mention %s", key)
		}
	}
}

// stands tells whether the key is written in the document, with or without a value; of a list, in every entry.
func stands(doc any, levels []string) bool {
	if len(levels) == 0 {
		return true
	}
	name, list := strings.CutSuffix(levels[0], "[]")
	m, _ := doc.(map[string]any)
	value, ok := m[name]
	if !ok || !list {
		return ok && stands(value, levels[1:])
	}
	entries, _ := value.([]any)
	return len(entries) > 0 && !slices.ContainsFunc(entries, func(e any) bool { return !stands(e, levels[1:]) })
}

func TestSecretsAreNeverShown(t *testing.T) {
	c := Default()
	c.Database.URL = "postgres://shop:hunter2@db/shop?sslpassword=hunter2"
	c.Mail = Mail{URL: "smtp://shop:hunter2@mail.example:587", From: "a@b.example"}
	c.Exchanger.Sites[0].Headers = map[string]string{"Authorization": "Bearer hunter2"}
	c.Payouts[0].Values = map[string]string{"wallet": "hunter2"}
	c.Payouts[1].RouteValues = map[string]string{"phone": "hunter2"}
	var log strings.Builder
	l := slog.New(slog.NewJSONHandler(&log, nil))
	l.Info("all", "config", c, "site", c.Exchanger.Sites[0], "db", c.Database, "mail", c.Mail, "payout", c.Payouts[0])
	for _, s := range []string{
		log.String(), fmt.Sprint(c), fmt.Sprintf("%+v %#v", c, c), fmt.Sprintf("%v %+v %#v", c.Exchanger, c.Exchanger, c.Exchanger),
		fmt.Sprintf("%v %+v %#v", c.Payouts, c.Payouts, c.Payouts), fmt.Sprintf("%v %#v %v %#v", c.Database, c.Database, c.Mail, c.Mail),
	} {
		if strings.Contains(s, "hunter2") {
			t.Errorf("a secret in %s", s)
		}
	}
	if c.Exchanger.Sites[0].Headers["Authorization"] != "Bearer hunter2" {
		t.Error("masking changed the configuration itself")
	}
	if s := c.String(); !strings.Contains(s, "mail.example") || !strings.Contains(s, "Authorization") {
		t.Errorf("masked too much: %s", s)
	}
}

// anyConfig draws configurations that differ from the default in values that need care when written.
func anyConfig(t *rapid.T) Config {
	c := Default()
	word := rapid.StringMatching(`[a-zA-Z0-9 :#'"\[\]{}&*!|>%@\\,ñж-]{1,20}[a-z]`)
	c.Shop.Name = word.Draw(t, "name")
	c.Shop.Demo = rapid.Bool().Draw(t, "demo")
	c.Shop.Languages = rapid.Permutation(messages.Languages).Draw(t, "languages")[:rapid.IntRange(1, 3).Draw(t, "how many")]
	c.Exchanger.Poll.Max = time.Duration(rapid.Int64Range(int64(time.Minute), int64(99*time.Hour)).Draw(t, "max"))
	c.Exchanger.CallsPerSecond = float64(rapid.IntRange(1, 1000).Draw(t, "calls")) / 8
	c.Exchanger.Sites[0].Headers = rapid.MapOfN(rapid.StringMatching(`[A-Za-z.-]{1,9}`), word, 0, 3).Draw(t, "headers")
	c.Checkout.PriceTolerance = decimal.New(rapid.Int64Range(0, 9_999).Draw(t, "tolerance"), -4)
	c.Payouts[1].Rate = decimal.New(rapid.Int64Range(1, 1e15).Draw(t, "rate"), -rapid.Int32Range(0, 12).Draw(t, "decimals"))
	c.Payouts[0].RouteValues = rapid.MapOfN(word, word, 0, 3).Draw(t, "values")
	c.Limits.OrdersPerMinute = rapid.IntRange(1, 1e6).Draw(t, "orders")
	return c
}

func TestWhatIsWrittenLoadsBackTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	same := func(t interface{ Fatalf(string, ...any) }, c Config) {
		raw := write(c)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatalf("%v", err)
		}
		back, err := Load(path, true, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, raw)
		}
		if got := write(back); string(got) != string(raw) {
			t.Fatalf("wrote\n%s\nread\n%s", raw, got)
		}
		if !maps.Equal(back.Exchanger.Sites[0].Headers, c.Exchanger.Sites[0].Headers) || back.Exchanger.Poll != c.Exchanger.Poll {
			t.Fatalf("read other values than were written:\n%s", raw)
		}
	}
	same(t, Default())
	rapid.Check(t, func(t *rapid.T) { same(t, anyConfig(t)) })
}

// FuzzLoad: whatever stands in the file or a variable, Load answers with a configuration or with lines, and never panics.
func FuzzLoad(f *testing.F) {
	raw, err := os.ReadFile("../config.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(raw), "SHOP__NAME=x")
	f.Add("a: &a [*a, *a, *a]", "EXCHANGER__SITES=[null]")
	f.Add("payouts: [null, {rate: }]", `PAYOUTS=[{"values":{"wallet":null}}]`)
	f.Add("database: {url: \"postgres://shop:s3cret-word@db:x/shop\"}\nmail: {url: \"smtp://me:s3cret-word@mail:99999\"}", `EXCHANGER__SITES=[{"name":"X","base_url":"ftp://a","headers":{"A":"s3cret-word"}}]`)
	f.Add("checkout: {underpayment_tolerance: \"200%\", order_expiry: 99999999h}", "CHECKOUT__PRICE_TOLERANCE=NaN")
	path := filepath.Join(f.TempDir(), "config.yaml")
	f.Fuzz(func(t *testing.T, file, variable string) {
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path, true, []string{"MOSTRADOR_" + variable})
		if err == nil {
			_ = c.String()
			return
		}
		found, ok := err.(Errors)
		if !ok || len(found) == 0 {
			t.Fatalf("got %T %v, want Errors", err, err)
		}
		for _, m := range found {
			if m.Got == "" || m.Want == "" || strings.Contains(m.String(), "\n") {
				t.Fatalf("not a line: %+v", m)
			}
			if strings.Contains(m.String(), "s3cret-word") {
				t.Fatalf("a secret is repeated: %s", m)
			}
		}
	})
}
