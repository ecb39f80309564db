package config

import (
	"net/netip"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/messages"
)

// Values of the keys that take one of a few words.
const (
	ModeSandbox = "sandbox" // exchanger.mode: the embedded imitation
	ModeLive    = "live"    // exchanger.mode: the sites of exchanger.sites

	ChooseBest      = "best"      // exchanger.choose: the best price that is payable
	ChoosePreferred = "preferred" // exchanger.choose: the first site in the list that can

	PageExchanger = "exchanger" // checkout.payment_page: redirect to the exchanger's /payment/ page
	PageOrder     = "order"     // checkout.payment_page: redirect to the exchanger's /order/ page
	PageOnsite    = "onsite"    // checkout.payment_page: the shop's own order page

	SettleOnDone             = "done"             // checkout.settle_on
	SettleOnInProgressPayout = "inProgressPayout" // checkout.settle_on
	SettleOnInProgress       = "inProgress"       // checkout.settle_on
)

// SandboxSite is the name of the one site there is in sandbox mode.
const SandboxSite = "sandbox"

// DefaultAPIPath is where the platform's API stands below a site's base address [client].
const DefaultAPIPath = "/service/api/v1"

// DefaultPayoutDelay is security.payout_delay in live mode when nothing else is set; in sandbox mode it is 0.
const DefaultPayoutDelay = 24 * time.Hour

// Demo wallets of the default payouts. They belong to nobody (TRON's zero address, a purse that was never issued), so
// they are refused where real money could go there.
const (
	DemoTRON = "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"
	DemoWMZ  = "Z123456789012"
)

// NotifyKinds are the values that notify.on may list.
var NotifyKinds = []string{"review", "underpaid", "failing_webhook", "exchanger_down"}

// Config is everything that an operator sets. The key tags are the names in config.yaml.
type Config struct {
	Server    Server    `key:"server"`
	Database  Database  `key:"database"`
	Exchanger Exchanger `key:"exchanger"`
	Sandbox   Sandbox   `key:"sandbox"`
	Shop      Shop      `key:"shop"`
	Payouts   []Payout  `key:"payouts"` // in order of preference
	Checkout  Checkout  `key:"checkout"`
	Webhooks  Webhooks  `key:"webhooks"`
	Mail      Mail      `key:"mail"`
	Notify    Notify    `key:"notify"`
	Security  Security  `key:"security"`
	Limits    Limits    `key:"limits"`
}

// Server is where the shop listens and how it is reached.
type Server struct {
	Listen         string   `key:"listen"`          // host:port
	PublicURL      string   `key:"public_url"`      // scheme://host[:port], no slash at the end
	TrustedProxies []string `key:"trusted_proxies"` // networks or addresses whose X-Forwarded-* is believed; see Proxies
	MetricsListen  string   `key:"metrics_listen"`  // host:port of /metrics; "" for none
}

// Proxies are the networks of TrustedProxies; a bare address is a network of one.
func (s Server) Proxies() []netip.Prefix {
	out := make([]netip.Prefix, 0, len(s.TrustedProxies))
	for _, text := range s.TrustedProxies {
		if p, ok := network(text); ok { // Load has refused the others
			out = append(out, p)
		}
	}
	return out
}

func network(s string) (netip.Prefix, bool) {
	if ip, err := netip.ParseAddr(s); err == nil && ip.Zone() == "" {
		return netip.PrefixFrom(ip, ip.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

// Database is where the shop keeps everything.
type Database struct {
	URL         string        `key:"url" secret:"url"` // sqlite:FILE or postgres://…
	BackupEvery time.Duration `key:"backup_every"`     // live mode, SQLite: a backup is missed when the last one is older; 0: never
}

// Exchanger is which sites are used and how they are called.
type Exchanger struct {
	Mode           string        `key:"mode"`             // ModeSandbox or ModeLive
	Sites          []Site        `key:"sites"`            // live mode only: see Config.ActiveSites
	Choose         string        `key:"choose"`           // ChooseBest or ChoosePreferred
	Timeout        time.Duration `key:"timeout"`          // for one call
	CallsPerSecond float64       `key:"calls_per_second"` // background pulls to one site
	RoutesTTL      time.Duration `key:"routes_ttl"`       // how old a rate may be when an order is placed
	Poll           Poll          `key:"poll"`
	IPNHashNames   []string      `key:"ipn_hash_names"` // fields and headers in which a notification's hash may stand
}

// Site is one exchanger.
type Site struct {
	Name    string            `key:"name"`                   // a-z, 0-9 and -, unique
	BaseURL string            `key:"base_url"`               // absolute http or https address, no slash at the end
	APIPath string            `key:"api_path"`               // begins with a slash
	Headers map[string]string `key:"headers" secret:"value"` // sent with every API call: the merchant's authorization
	Partner string            `key:"partner"`                // partner code; "" for none
}

// Poll is how often an unsettled payment is pulled. Watched and First are never longer than Max.
type Poll struct {
	Watched time.Duration `key:"watched"` // while a customer looks on
	First   time.Duration `key:"first"`   // at first
	Max     time.Duration `key:"max"`     // at most
}

// Sandbox is where the embedded imitation of an exchanger stands.
type Sandbox struct {
	Listen    string `key:"listen"`     // host:port
	PublicURL string `key:"public_url"` // another origin than server.public_url
}

// Shop is what the shop is.
type Shop struct {
	Name         string   `key:"name"`
	Currency     string   `key:"currency"`  // the code of the prices
	Languages    []string `key:"languages"` // in the shop's order of preference
	Timezone     string   `key:"timezone"`  // IANA name; see Location
	Demo         bool     `key:"demo"`      // seed the demo catalogue into an empty shop
	TermsURL     string   `key:"terms_url"`
	SupportEmail string   `key:"support_email"`
}

// Location is the shop's time zone.
func (s Shop) Location() *time.Location {
	loc, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return time.UTC // Load has refused it before
	}
	return loc
}

// Payout is a currency that the merchant wants to receive and where.
type Payout struct {
	Currency    string            `key:"currency"`                   // xml code of the route's to
	Rate        decimal.Decimal   `key:"rate"`                       // units of Currency for one unit of shop.currency
	Values      map[string]string `key:"values" secret:"value"`      // toValues: the field's name or _id → value, never shown
	RouteValues map[string]string `key:"routeValues" secret:"value"` // routeValues, the same way
}

// Checkout is how orders are paid and judged.
type Checkout struct {
	PaymentPage           string          `key:"payment_page"`                        // PageExchanger, PageOrder or PageOnsite
	SettleOn              string          `key:"settle_on"`                           // when an order counts as paid
	HideOutData           bool            `key:"hide_out_data"`                       // the exchanger's pages hide the payout data
	UnderpaymentTolerance decimal.Decimal `key:"underpayment_tolerance" as:"percent"` // a fraction: "0.5%" is 0.005
	PriceTolerance        decimal.Decimal `key:"price_tolerance" as:"percent"`        // a fraction
	OrderExpiry           time.Duration   `key:"order_expiry"`
	WatchAfterClose       time.Duration   `key:"watch_after_close"`
}

// Webhooks is what merchants' endpoints may be.
type Webhooks struct {
	AllowPrivate bool `key:"allow_private"` // private and loopback addresses too
}

// Mail is how mail is sent; an empty URL sends none.
type Mail struct {
	URL  string `key:"url" secret:"url"` // smtp:// or smtps://, user and password in it
	From string `key:"from"`
}

// Notify is which mail the merchant gets.
type Notify struct {
	Email string   `key:"email"` // "" for none
	On    []string `key:"on"`    // out of NotifyKinds
}

// Security is what guards secrets and wallets.
type Security struct {
	KeyFile     string        `key:"key_file"`
	PayoutDelay time.Duration `key:"payout_delay"` // how long a changed payout waits before it is used
}

// Limits is what strangers may do at most.
type Limits struct {
	OrdersPerMinute int `key:"orders_per_minute"` // new orders from one address
}

// Default is the configuration of a shop for which nothing was set: the sandbox, on two ports of this machine.
func Default() Config {
	half := decimal.New(5, -3)
	return Config{
		Server:   Server{Listen: "127.0.0.1:8080", PublicURL: "http://localhost:8080", TrustedProxies: []string{}},
		Database: Database{URL: "sqlite:data/mostrador.db", BackupEvery: 7 * 24 * time.Hour},
		Exchanger: Exchanger{
			Mode:           ModeSandbox,
			Sites:          []Site{{Name: "coinsbar", BaseURL: "https://www.coinsbar.net", APIPath: DefaultAPIPath, Headers: map[string]string{}}},
			Choose:         ChooseBest,
			Timeout:        10 * time.Second,
			CallsPerSecond: 5,
			RoutesTTL:      30 * time.Second,
			Poll:           Poll{Watched: 5 * time.Second, First: 15 * time.Second, Max: 10 * time.Minute},
			IPNHashNames:   []string{"hash", "sign", "signature", "ipnHash", "x-ipn-hash", "x-signature"},
		},
		Sandbox: Sandbox{Listen: "127.0.0.1:8090", PublicURL: "http://localhost:8090"},
		Shop:    Shop{Name: "Mostrador Demo", Currency: "USD", Languages: append([]string{}, messages.Languages...), Timezone: "UTC"},
		Payouts: []Payout{
			{Currency: "USDTTRC20", Rate: decimal.New(1, 0), Values: map[string]string{"wallet": DemoTRON}, RouteValues: map[string]string{}},
			{Currency: "WMZ", Rate: decimal.New(1, 0), Values: map[string]string{"wallet": DemoWMZ}, RouteValues: map[string]string{}},
		},
		Checkout: Checkout{
			PaymentPage: PageExchanger, SettleOn: SettleOnDone, HideOutData: true, UnderpaymentTolerance: half, PriceTolerance: half,
			OrderExpiry: 2 * time.Hour, WatchAfterClose: 720 * time.Hour,
		},
		Notify:   Notify{On: append([]string{}, NotifyKinds...)},
		Security: Security{KeyFile: "data/secret.key"},
		Limits:   Limits{OrdersPerMinute: 10},
	}
}

// ActiveSites are the sites that the shop uses: those of exchanger.sites in live mode, else the sandbox alone.
func (c Config) ActiveSites() []Site {
	if c.Exchanger.Mode == ModeLive {
		return c.Exchanger.Sites
	}
	return []Site{{Name: SandboxSite, BaseURL: c.Sandbox.PublicURL, APIPath: DefaultAPIPath, Headers: map[string]string{}}}
}

// Live tells whether real money moves.
func (c Config) Live() bool { return c.Exchanger.Mode == ModeLive }

// BackupEvery is how old the last backup may be before it is missed; 0: none is. It is 0 where nothing real is at stake.
func (c Config) BackupEvery() time.Duration {
	if !c.Live() {
		return 0
	}
	return c.Database.BackupEvery
}
