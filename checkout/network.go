package checkout

import (
	"strings"
	"unicode"

	"mostrador/messages"
)

// network is where a currency lives. A coin's own is called like the coin, so people are told "Bitcoin network"; the others have names that say it.
type network struct {
	name string
	own  bool // called like its coin
}

// networks knows the network of a currency by the exchanger's code (xml), where it is certain.
var networks = map[string]network{
	"BTC": {"Bitcoin", true}, "LTC": {"Litecoin", true}, "BCH": {"Bitcoin Cash", true}, "DOGE": {"Dogecoin", true}, "DASH": {"Dash", true}, "ZEC": {"Zcash", true}, "XMR": {"Monero", true},
	"ETH": {"Ethereum", true}, "ETC": {"Ethereum Classic", true}, "TRX": {"TRON", true}, "TRON": {"TRON", true}, "XRP": {"XRP Ledger", false}, "RIPPLE": {"XRP Ledger", false},
	"XLM": {"Stellar", true}, "SOL": {"Solana", true}, "TON": {"TON", true}, "TONCOIN": {"TON", true}, "ADA": {"Cardano", true}, "DOT": {"Polkadot", true}, "ALGO": {"Algorand", true},
	"XTZ": {"Tezos", true}, "EOS": {"EOS", true}, "VET": {"VeChain", true}, "AVAX": {"Avalanche C-Chain", false}, "ATOM": {"Cosmos Hub", false}, "NEAR": {"NEAR", true},
	"BNB": {"BNB Smart Chain (BEP-20)", false}, "BSC": {"BNB Smart Chain (BEP-20)", false}, "MATIC": {"Polygon", true}, "POL": {"Polygon", true},
	"DAI": {"Ethereum (ERC-20)", false}, "LINK": {"Ethereum (ERC-20)", false}, "LNBTC": {"Lightning", true},
	"WMZ": webMoney, "WMT": webMoney, "WME": webMoney,
}

var webMoney = network{"WebMoney", false}

// networkEndings are endings of codes that name the network of a token: USDTTRC20, USDCBEP20.
var networkEndings = []struct {
	ending string
	network
}{
	{"TRC20", network{"TRON (TRC-20)", false}}, {"TRC", network{"TRON (TRC-20)", false}}, {"ERC20", network{"Ethereum (ERC-20)", false}}, {"ERC", network{"Ethereum (ERC-20)", false}},
	{"BEP20", network{"BNB Smart Chain (BEP-20)", false}}, {"BSC", network{"BNB Smart Chain (BEP-20)", false}}, {"BEP2", network{"BNB Beacon Chain (BEP-2)", false}}, {"POLYGON", network{"Polygon", true}},
	{"ARBITRUM", network{"Arbitrum One", false}}, {"ARB", network{"Arbitrum One", false}}, {"OPTIMISM", network{"OP Mainnet", false}}, {"OP", network{"OP Mainnet", false}},
	{"AVAXC", network{"Avalanche C-Chain", false}}, {"SOL", network{"Solana", true}}, {"TON", network{"TON", true}}, {"BASE", network{"Base", true}},
	{"LIGHTNING", network{"Lightning", true}}, {"LN", network{"Lightning", true}},
}

// tokens are currencies that live on several networks.
var tokens = []string{"USDT", "USDC", "DAI", "BUSD", "TUSD", "ETH", "BTC", "BNB", "SHIB", "LINK", "NOT"}

func networkOf(xml string) network {
	code := strings.ToUpper(xml)
	if n, ok := networks[code]; ok {
		return n
	}
	for _, e := range networkEndings {
		token, ok := strings.CutSuffix(code, e.ending)
		if !ok {
			continue
		}
		for _, t := range tokens {
			if token == t {
				return e.network
			}
		}
	}
	return network{}
}

// NetworkOf names the network of a currency by the exchanger's code: "Bitcoin", "TRON (TRC-20)". It is "" where the code does not tell, or where
// there is none (cards, cash, banks).
func NetworkOf(xml string) string { return networkOf(xml).name }

// NetworkText names the network where no word beside it says that it is one, so that it is not taken for the coin: "Bitcoin network", "TRON (TRC-20)".
func NetworkText(p messages.Printer, xml string) string {
	n := networkOf(xml)
	if n.own {
		return p.Text("network.own", "name", n.name)
	}
	return n.name
}

// OnChain tells whether a currency is sent over a network that has addresses.
func OnChain(xml string) bool {
	n := networkOf(xml)
	return n.name != "" && n != webMoney
}

// networkNames finds a network by whatever people call it: its name, its token standard, its coin's code.
var networkNames = func() map[string]string {
	m := map[string]string{}
	for code, n := range networks {
		m[plainName(code)] = n.name
	}
	for _, e := range networkEndings {
		m[plainName(e.ending)] = e.name
	}
	for _, n := range networks {
		m[plainName(n.name)] = n.name
	}
	for _, e := range networkEndings {
		m[plainName(e.name)] = e.name
	}
	return m
}()

// networkNamed is the network that somebody's words name; "" when they name none that is known.
func networkNamed(words string) string { return networkNames[plainName(words)] }

// plainName is a name without what people spell differently: capitals, spaces, signs, and the word network.
func plainName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
	return strings.TrimSuffix(s, "network")
}
