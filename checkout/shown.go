package checkout

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// SealShown is the amount of an offer as a page shows it, for a form to send back. It is sealed, because it becomes what the order was quoted: an
// exchange order that asks for more is shown again before anybody pays (rule 14). "" when there is no amount.
func (s *Service) SealShown(o *Offer, price int64) string {
	if o.Problem != nil || !o.Due.IsPositive() {
		return ""
	}
	amount := fmt.Sprint(o.Due, "/", price)
	return amount + "/" + s.shownSum(o.Key, price, amount)
}

func (s *Service) shownSum(route string, price int64, amount string) string {
	h := hmac.New(sha256.New, s.shownKey)
	fmt.Fprintf(h, "%q %d %s", route, price, amount)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// shown reads what SealShown made for the same route: the amount, and the price that it was for in minor units; 0 when it is anything else.
func (s *Service) shown(sealed, route string) (amount decimal.Decimal, price int64) {
	i := strings.LastIndexByte(sealed, '/')
	if i < 0 || len(sealed) > 200 {
		return decimal.Zero, 0
	}
	due, minor, _ := strings.Cut(sealed[:i], "/")
	price, err := strconv.ParseInt(minor, 10, 64)
	if err != nil || !hmac.Equal([]byte(sealed[i+1:]), []byte(s.shownSum(route, price, sealed[:i]))) {
		return decimal.Zero, 0
	}
	if amount, err = decimal.NewFromString(due); err != nil {
		return decimal.Zero, 0
	}
	return amount, price
}
