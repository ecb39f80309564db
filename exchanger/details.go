package exchanger

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// PaymentDetails is what is needed to pay on one's own site [client]. Look at Merchant first, then ManualText, then the
// steps (LinkPS, the amount, Account, the comment, "I have paid").
type PaymentDetails struct {
	Merchant        Merchant
	ManualEnabled   bool
	ManualText      string // raw HTML with placeholders: print Order.ManualHTML instead
	Account         string // where to pay
	LinkPS          string // the payment system's site: http or https, else ""
	CommentTemplate string // raw: print Order.PaymentComment instead
	ShowStepLink    bool
	ShowStepComment bool
	ShowIPaidBtn    bool
}

// Merchant is an automatic payment system at the exchanger. Its template is a program for the exchanger's own pages: it is
// neither kept nor ever evaluated. Where Usable is false, send the customer to the payment page.
type Merchant struct {
	Enabled     bool
	Address     string
	Tag, Memo   string
	Amount      decimal.Decimal // units of from
	AmountKnown bool
	Link        string // http or https, else ""
}

// Usable says whether enough is known to pay without the exchanger's page.
func (m Merchant) Usable() bool { return m.Enabled && (m.Address != "" || m.Link != "") }

type wireDetails struct {
	MerchantEnabled flag `json:"merchantEnabled"`
	Merchant        maybe[struct {
		Data json.RawMessage `json:"data"`
	}] `json:"merchant"`
	ManualEnabled   flag `json:"manualPaymentTextEnabled"`
	ManualText      text `json:"manualPaymentText"`
	LinkPS          text `json:"linkPS"`
	Account         text `json:"account"`
	CommentTemplate text `json:"commentTemplate"`
	ShowStepLink    flag `json:"showStepLink"`
	ShowStepComment flag `json:"showStepComment"`
	ShowIPaidBtn    flag `json:"showIPaidBtn"`
}

func (w wireDetails) details() PaymentDetails {
	return PaymentDetails{
		Merchant: merchantOf(w.MerchantEnabled.on, w.Merchant.v.Data), ManualEnabled: w.ManualEnabled.on, ManualText: cut(string(w.ManualText), 20000),
		Account: w.Account.line(500), LinkPS: webLink(string(w.LinkPS)), CommentTemplate: cut(string(w.CommentTemplate), 2000),
		ShowStepLink: w.ShowStepLink.or(true), ShowStepComment: w.ShowStepComment.or(true), ShowIPaidBtn: w.ShowIPaidBtn.or(true),
	}
}

func merchantOf(enabled bool, data json.RawMessage) Merchant {
	m := Merchant{Enabled: enabled}
	members := map[string]json.RawMessage{}
	var inner text
	if json.Unmarshal(data, &members) != nil && json.Unmarshal(data, &inner) == nil { // JSON within a string
		_ = json.Unmarshal([]byte(inner), &members)
	}
	get := func(names ...string) string {
		for _, n := range names {
			for k, raw := range members {
				var t text
				if strings.EqualFold(k, n) && t.UnmarshalJSON(raw) == nil && t.line(500) != "" {
					return t.line(500)
				}
			}
		}
		return ""
	}
	m.Address, m.Tag, m.Memo = get("address", "wallet"), get("tag", "destinationTag", "destTag"), get("memo", "paymentId")
	m.Link = webLink(get("link", "url"))
	if d, err := parseNum(get("amount")); err == nil && d.Sign() > 0 {
		m.Amount, m.AmountKnown = d, true
	}
	return m
}

// webLink keeps an absolute http or https address without user and password.
func webLink(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(s) > 2000 {
		return ""
	}
	return u.String()
}

var placeholder = regexp.MustCompile(`\[\[\s*([A-Za-z]+)\s*\]\]`)

// fill puts the order's values in place of [[uid]], [[account]], [[inAmount]], [[inNameCurrency]], [[inSymbol]],
// [[outAmount]], [[outNameCurrency]], [[outSymbol]], in any letter case [client]. An unknown placeholder is dropped.
func (o Order) fill(template string, escape func(string) string) string {
	values := map[string]string{
		"uid": o.UID, "account": o.PaymentDetails.Account, "inamount": o.InAmount.String(), "innamecurrency": o.From.Name, "insymbol": o.From.Symbol,
		"outamount": o.OutAmount.String(), "outnamecurrency": o.To.Name, "outsymbol": o.To.Symbol,
	}
	return placeholder.ReplaceAllStringFunc(template, func(m string) string {
		return escape(values[strings.ToLower(strings.TrimSpace(m[2:len(m)-2]))])
	})
}

// ManualHTML is the exchanger's own text on how to pay, in lang where it has several, filled in and safe to print; "" when
// there is none.
func (o Order) ManualHTML(lang string) string {
	if !o.PaymentDetails.ManualEnabled {
		return ""
	}
	return CleanHTML(o.fill(pick(byLanguage(o.PaymentDetails.ManualText), lang), html.EscapeString))
}

// PaymentComment is the comment that the customer gives with the payment, as plain text: the template filled in, or the
// uid. "" where the exchanger shows none.
func (o Order) PaymentComment() string {
	if !o.PaymentDetails.ShowStepComment {
		return ""
	}
	if c := plain(o.fill(o.PaymentDetails.CommentTemplate, html.EscapeString)); c != "" {
		return c
	}
	return o.UID
}
