package shop

import (
	"net/url"
	"strings"

	"github.com/shopspring/decimal"
)

// payment is what a wallet has to be told.
type payment struct {
	xml     string          // the exchanger's code of the currency
	address string          // where to send
	tag     string          // memo or destination tag; "": none
	amount  decimal.Decimal // in units of the currency
}

// contracts are the tokens whose contract every wallet knows, with their decimals (EIP-681 wants the smallest unit).
var contracts = map[string]struct {
	address  string
	decimals int32
}{
	"USDTERC20": {"0xdAC17F958D2ee523a2206206994597C13D831ec7", 6},
	"USDCERC20": {"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", 6},
	"DAI":       {"0x6B175474E89094C44Da98b954EedeAC495271d0F", 18},
}

// schemes of BIP-21 and those that are written the same way.
var schemes = map[string]struct{ scheme, amount string }{
	"BTC": {"bitcoin", "amount"}, "LTC": {"litecoin", "amount"}, "DOGE": {"dogecoin", "amount"}, "DASH": {"dash", "amount"}, "BCH": {"bitcoincash", "amount"}, "ZEC": {"zcash", "amount"},
	"XMR": {"monero", "tx_amount"}, "TRX": {"tron", "amount"}, "SOL": {"solana", "amount"},
}

// paymentURI is the address that a wallet app opens with everything filled in; "" where there is no scheme that wallets agree on, so that nothing
// half-understood is sent anywhere. exact tells that the amount is in it too.
func paymentURI(p payment) (uri string, exact bool) {
	if !plainAddress(p.address) || p.amount.Sign() <= 0 {
		return "", false
	}
	code := strings.ToUpper(p.xml)
	amount := p.amount.String()
	if s, ok := schemes[code]; ok && p.tag == "" {
		address := strings.TrimPrefix(p.address, s.scheme+":")
		return s.scheme + ":" + address + "?" + s.amount + "=" + amount, true
	}
	switch code {
	case "ETH":
		return ethereumURI(p)
	case "USDTERC20", "USDCERC20", "DAI":
		return tokenURI(p, code)
	case "XRP", "RIPPLE":
		uri = "xrpl:" + p.address + "?amount=" + amount
		if p.tag != "" {
			uri += "&dt=" + url.QueryEscape(p.tag)
		}
		return uri, true
	case "TON", "TONCOIN":
		uri = "ton://transfer/" + p.address + "?amount=" + p.amount.Shift(9).Truncate(0).String()
		if p.tag != "" {
			uri += "&text=" + url.QueryEscape(p.tag)
		}
		return uri, true
	case "XLM":
		uri = "web+stellar:pay?destination=" + p.address + "&amount=" + amount
		if p.tag != "" {
			uri += "&memo=" + url.QueryEscape(p.tag)
		}
		return uri, true
	}
	return "", false
}

// ethereumURI is EIP-681 on the main network: the value is in wei.
func ethereumURI(p payment) (string, bool) {
	if p.tag != "" || !strings.HasPrefix(p.address, "0x") {
		return "", false
	}
	return "ethereum:" + p.address + "@1?value=" + p.amount.Shift(18).Truncate(0).String(), true
}

// tokenURI is EIP-681's transfer of a token: the contract is the target, whoever receives an argument.
func tokenURI(p payment, code string) (string, bool) {
	t := contracts[code]
	units := p.amount.Shift(t.decimals)
	if p.tag != "" || !strings.HasPrefix(p.address, "0x") || !units.Equal(units.Truncate(0)) {
		return "", false
	}
	return "ethereum:" + t.address + "@1/transfer?address=" + p.address + "&uint256=" + units.String(), true
}

// plainAddress tells whether an exchanger's account is an address as networks have them, and nothing that could mean more in a URI.
func plainAddress(s string) bool {
	if len(s) < 10 || len(s) > 128 {
		return false
	}
	for i, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_' && i > 0, r == '-' && i > 0:
		case r == ':' && strings.HasPrefix(s, "bitcoincash:"):
		default:
			return false
		}
	}
	return true
}
