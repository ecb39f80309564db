package views

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"mostrador/static"
)

// Disc is the round picture of a currency: the shop's own drawing where there is one, a letter otherwise.
type Disc struct {
	Picture string // address; "": the letter
	Letter  string
	Foreign bool // the exchanger's drawing: it was made for a white ground
}

// discNames leads from the exchanger's code of a currency (xml, as on the lists of exchangers) to a drawing where the name is not the code itself.
var discNames = map[string]string{
	"usdttrc20": "usdt-trc20", "usdttrc": "usdt-trc20", "usdterc20": "usdt-erc20", "usdterc": "usdt-erc20", "toncoin": "ton", "tron": "trx", "wmt": "wmz", "pol": "matic", "polygon": "matic", "bsc": "bnb", "ripple": "xrp",
}

// networks are endings of codes that name a network and not another currency: BNBBEP20, USDCTRC20.
var networks = []string{"bep20", "bep2", "erc20", "trc20", "sol", "polygon", "arbitrum", "arb", "op", "avaxc", "ton"}

// discPrefixes are beginnings of codes that name a kind of money: cash in a city, a bank's card, a bank.
var discPrefixes = []struct{ prefix, drawing string }{
	{"cash", "cash"}, {"card", "card"}, {"visa", "card"}, {"mcr", "card"}, {"mir", "card"},
	{"wire", "bank"}, {"sepa", "bank"}, {"sber", "bank"}, {"tcs", "bank"}, {"acr", "bank"}, {"tbr", "bank"}, {"p24", "bank"}, {"mono", "bank"}, {"sbp", "bank"}, {"rfb", "bank"}, {"post", "bank"},
}

// DiscOf finds the picture of a currency by the exchanger's code (xml: BTC, USDTTRC20, CASHUSD_C_MADRID). A picture that the shop has fetched from
// the exchanger and cleaned is given as Disc{Picture: …} instead.
func DiscOf(xml, symbol string) Disc {
	code := strings.ToLower(xml)
	if name := discName(code); name != "" {
		return Disc{Picture: static.Path("currencies/" + name + ".svg")}
	}
	if symbol == "" {
		symbol = xml
	}
	r, _ := utf8.DecodeRuneInString(symbol)
	if symbol == "" || r == utf8.RuneError {
		r = '¤'
	}
	return Disc{Letter: string(unicode.ToUpper(r))}
}

func discName(code string) string {
	drawn := func(name string) bool {
		return name != "" && name != "several" && static.Has("currencies/"+name+".svg")
	}
	if n := discNames[code]; n != "" {
		return n
	}
	if drawn(code) {
		return code
	}
	for _, p := range discPrefixes {
		if strings.HasPrefix(code, p.prefix) {
			return p.drawing
		}
	}
	for _, n := range networks {
		if short, ok := strings.CutSuffix(code, n); ok && drawn(short) {
			return short
		}
	}
	return ""
}
