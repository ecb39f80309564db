package checkout

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// SealShown is the amount of an offer as a page shows it, for a form to send back. It is sealed, because it becomes what the order was quoted: an
// exchange order that asks for more is shown again before anybody pays (rule 14). "" when there is no amount.
func (s *Service) SealShown(o *Offer, price int64) string {
	if o.Problem != nil || !o.Due.IsPositive() {
		return ""
	}
	return o.Due.String() + "." + s.shownSum(o.Key, price, o.Due.String())
}

func (s *Service) shownSum(route string, price int64, amount string) string {
	h := hmac.New(sha256.New, s.shownKey)
	fmt.Fprintf(h, "%q %d %s", route, price, amount)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// shown reads what SealShown made for the same route and price; 0 when it is anything else.
func (s *Service) shown(sealed, route string, price int64) decimal.Decimal {
	i := strings.LastIndexByte(sealed, '.')
	if i < 0 || len(sealed) > 200 || !hmac.Equal([]byte(sealed[i+1:]), []byte(s.shownSum(route, price, sealed[:i]))) {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(sealed[:i])
	if err != nil {
		return decimal.Zero
	}
	return d
}
