package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // time zones on machines that have none

	"mostrador/messages"

	"github.com/shopspring/decimal"
)

var currencyCode = regexp.MustCompile(`^[A-Z]{3,10}$`)

func checkShop(s Shop, m *mistakes) {
	if strings.TrimSpace(s.Name) == "" {
		m.add("shop.name", show(s.Name), "a name")
	}
	oneLine(m, "shop.name", s.Name, 100)
	if !currencyCode.MatchString(s.Currency) {
		m.add("shop.currency", show(s.Currency), "a currency's code in capitals such as USD")
	}
	if len(s.Languages) == 0 {
		m.add("shop.languages", "an empty list", "at least one of "+strings.Join(messages.Languages, ", "))
	}
	unique(m, "shop.languages", s.Languages, messages.Languages)
	if _, err := time.LoadLocation(s.Timezone); err != nil || s.Timezone == "" || s.Timezone == "Local" {
		m.add("shop.timezone", show(s.Timezone), "a time zone such as Europe/Madrid")
	}
	if s.TermsURL != "" {
		u, err := url.Parse(s.TermsURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
			m.add("shop.terms_url", showURL(s.TermsURL), "an address such as https://shop.example/terms")
		}
	}
	if s.SupportEmail != "" {
		email(m, "shop.support_email", s.SupportEmail, true)
	}
}

var payoutCode = regexp.MustCompile(`^[A-Za-z0-9_.-]{2,64}$`)

var leastRate, mostRate = decimal.New(1, -15), decimal.New(1, 15)

// PayoutRate tells whether a number can be how many units of a payout's currency one unit of the shop's is worth: prices are reckoned with it.
func PayoutRate(d decimal.Decimal) bool {
	return d.Exponent() >= -30 && d.GreaterThanOrEqual(leastRate) && d.LessThanOrEqual(mostRate)
}

func checkPayouts(c Config, m *mistakes) {
	if len(c.Payouts) == 0 {
		m.add("payouts", "an empty list", "at least one currency to receive")
	}
	real := c.Live() && slices.ContainsFunc(c.Exchanger.Sites, func(s Site) bool { return !rehearsal(s.BaseURL) })
	seen := map[string]bool{}
	for i, p := range c.Payouts {
		at := fmt.Sprintf("payouts[%d]", i)
		if !payoutCode.MatchString(p.Currency) {
			m.add(at+".currency", show(p.Currency), "the exchanger's code of a currency such as USDTTRC20")
		} else if seen[p.Currency] {
			m.add(at+".currency", show(p.Currency), "each currency once")
		}
		seen[p.Currency] = true
		if !p.Rate.IsPositive() {
			m.add(at+".rate", show(p.Rate.String()), "a decimal number above 0 such as 1.05")
		} else if !PayoutRate(p.Rate) {
			m.add(at+".rate", show(p.Rate.String()), "at most 15 digits before the point, or zeros behind it")
		}
		if len(p.Values) == 0 {
			m.add(at+".values", "nothing", `the wallet to receive at, such as {wallet: "…"}`)
		}
		checkValues(m, at+".values", p.Values, real)
		checkValues(m, at+".routeValues", p.RouteValues, real)
	}
}

func checkValues(m *mistakes, at string, values map[string]string, real bool) {
	for name, value := range values {
		key := join(at, name)
		if strings.TrimSpace(name) == "" || len(name) > 100 {
			m.add(at, "the name "+show(name), "the field's name or _id")
		}
		if strings.TrimSpace(value) == "" {
			m.add(key, show(""), "what goes into the field")
		}
		if !isLine(value, 500) {
			m.add(key, "a value that is not shown", lineOf(500))
		}
		if real && (value == DemoTRON || value == DemoWMZ) {
			m.add(key, "the demo's wallet", "your own: what is sent to the demo's is lost")
		}
	}
}

func checkCheckout(c Checkout, m *mistakes) {
	oneOf(m, "checkout.payment_page", c.PaymentPage, PageExchanger, PageOrder, PageOnsite)
	oneOf(m, "checkout.settle_on", c.SettleOn, SettleOnDone, SettleOnInProgressPayout, SettleOnInProgress)
	for _, t := range []struct {
		key string
		bad bool
		got string
	}{
		{"checkout.underpayment_tolerance", c.UnderpaymentTolerance.Shift(2).IntPart() >= 100, c.UnderpaymentTolerance.Shift(2).String() + "%"},
		{"checkout.price_tolerance", c.PriceTolerance.Shift(2).IntPart() >= 100, c.PriceTolerance.Shift(2).String() + "%"},
	} {
		if t.bad {
			m.add(t.key, show(t.got), "a percentage below 100% such as 0.5%")
		}
	}
	positive(m, "checkout.order_expiry", c.OrderExpiry)
	positive(m, "checkout.watch_after_close", c.WatchAfterClose)
}

func checkMail(c Config, m *mistakes) {
	if c.Mail.URL != "" {
		u, err := url.Parse(c.Mail.URL)
		if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Port() != "" && !portShape(u.Port()) || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			m.add("mail.url", showURL(c.Mail.URL), "smtp://user:password@host:587 or smtps://…")
		}
		if c.Mail.From == "" {
			m.add("mail.from", show(""), "the sender's address, since mail.url is set")
		}
	}
	if c.Mail.From != "" {
		email(m, "mail.from", c.Mail.From, false)
	}
	if c.Notify.Email != "" {
		email(m, "notify.email", c.Notify.Email, true)
	}
	unique(m, "notify.on", c.Notify.On, NotifyKinds)
}
