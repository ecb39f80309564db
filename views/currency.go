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
}

// discNames leads from the exchanger's code of a currency (xml) to a drawing where the name is not the code itself.
var discNames = map[string]string{
	"usdttrc20": "usdt-trc20", "usdttrc": "usdt-trc20", "usdterc20": "usdt-erc20", "usdterc": "usdt-erc20", "toncoin": "ton", "tron": "trx", "wmt": "wmz",
}

// DiscOf finds the picture of a currency by the exchanger's code (xml: BTC, USDTTRC20, CASHUSD_C_MADRID). A picture that the shop has fetched from
// the exchanger and cleaned is given as Disc{Picture: …} instead.
func DiscOf(xml, symbol string) Disc {
	code := strings.ToLower(xml)
	if n, ok := discNames[code]; ok {
		code = n
	}
	for _, prefix := range []string{"cash", "card", "visa", "mcr"} {
		if strings.HasPrefix(code, prefix) {
			code = map[string]string{"cash": "cash"}[prefix]
			if code == "" {
				code = "card"
			}
		}
	}
	if name := "currencies/" + code + ".svg"; static.Has(name) {
		return Disc{Picture: static.Path(name)}
	}
	if symbol == "" {
		symbol = xml
	}
	r, _ := utf8.DecodeRuneInString(symbol)
	return Disc{Letter: string(unicode.ToUpper(r))}
}
