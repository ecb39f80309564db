package checkout

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"

	"mostrador/exchanger"
	"mostrador/models"
)

// PayData is what is needed to pay on the shop's own page, cleaned of everything that is not text.
type PayData struct {
	Account        string   `json:"account,omitempty"` // where to send
	Tag            string   `json:"tag,omitempty"`     // memo or destination tag
	TagIsMemo      bool     `json:"tag_is_memo,omitempty"`
	Comment        string   `json:"comment,omitempty"` // to give with the payment
	Link           string   `json:"link,omitempty"`    // the payment system's page
	Manual         []string `json:"manual,omitempty"`  // the exchanger's own words, paragraphs
	Instructions   []string `json:"instructions,omitempty"`
	PaidButton     bool     `json:"paid_button,omitempty"`     // "I have paid" is wanted
	NeedsExchanger bool     `json:"needs_exchanger,omitempty"` // only the exchanger's page can go on
	Why            string   `json:"why,omitempty"`             // verification, files, unknown
}

// payDataOf takes out of a pull what paying on the shop's own page needs.
func payDataOf(o exchanger.Order) string {
	d := o.PaymentDetails
	var out PayData
	switch {
	case d.Merchant.Enabled:
		out.Account, out.Tag, out.Link = d.Merchant.Address, d.Merchant.Tag, d.Merchant.Link
		if out.Tag == "" && d.Merchant.Memo != "" {
			out.Tag, out.TagIsMemo = d.Merchant.Memo, true
		}
		if out.Account == "" {
			out.NeedsExchanger, out.Why = true, "system"
		}
	case d.ManualEnabled:
		out.Manual, out.PaidButton = paragraphs(o.ManualHTML("en")), d.ShowIPaidBtn
		if len(out.Manual) == 0 {
			out.NeedsExchanger, out.Why = true, "unknown"
		}
	case d.Account != "":
		out.Account, out.PaidButton = d.Account, d.ShowIPaidBtn
		if d.ShowStepComment {
			out.Comment = o.PaymentComment()
		}
		if d.ShowStepLink {
			out.Link = d.LinkPS
		}
	default:
		out.NeedsExchanger, out.Why = true, "unknown"
	}
	for _, i := range o.Instructions {
		if i.Step == "payment" {
			out.Instructions = append(out.Instructions, paragraphs(i.Clean("en"))...)
		}
	}
	if o.Verifications {
		out.NeedsExchanger, out.Why = true, "verification"
	}
	raw, err := json.Marshal(out)
	if err != nil {
		panic(err) // texts only
	}
	return string(raw)
}

// PayDataOf reads what a payment's last pull said about paying on the shop's own page.
func PayDataOf(p *models.Payment) PayData {
	var d PayData
	if p.PayData == "" || json.Unmarshal([]byte(p.PayData), &d) != nil {
		return PayData{NeedsExchanger: true, Why: "unknown"}
	}
	return d
}

var (
	blockEnd = regexp.MustCompile(`(?i)<br\s*/?>|</(p|div|li|h[1-6]|tr)>`)
	anyTag   = regexp.MustCompile(`<[^>]*>`)
)

// paragraphs makes plain text of cleaned HTML.
func paragraphs(s string) []string {
	s = anyTag.ReplaceAllString(blockEnd.ReplaceAllString(s, "\n"), "")
	var out []string
	for _, line := range strings.Split(html.UnescapeString(s), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out = append(out, line)
		}
	}
	return out
}
