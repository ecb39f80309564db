package shop

import "strings"

// networks names the network of a currency by the exchanger's code (xml), where it is known for certain.
var networks = map[string]string{
	"BTC": "Bitcoin", "LTC": "Litecoin", "BCH": "Bitcoin Cash", "DOGE": "Dogecoin", "DASH": "Dash", "ZEC": "Zcash", "XMR": "Monero", "ETH": "Ethereum", "ETC": "Ethereum Classic",
	"TRX": "TRON", "TRON": "TRON", "XRP": "XRP Ledger", "RIPPLE": "XRP Ledger", "XLM": "Stellar", "SOL": "Solana", "TON": "TON", "TONCOIN": "TON", "ADA": "Cardano", "DOT": "Polkadot",
	"ALGO": "Algorand", "XTZ": "Tezos", "EOS": "EOS", "VET": "VeChain", "AVAX": "Avalanche C-Chain", "ATOM": "Cosmos Hub", "NEAR": "NEAR", "BNB": "BNB Smart Chain (BEP-20)",
	"MATIC": "Polygon", "POL": "Polygon", "DAI": "Ethereum (ERC-20)", "LINK": "Ethereum (ERC-20)", "WMZ": "WebMoney", "WMT": "WebMoney", "WME": "WebMoney",
}

// networkEndings are endings of codes that name the network of a token: USDTTRC20, USDCBEP20.
var networkEndings = []struct{ ending, name string }{
	{"TRC20", "TRON (TRC-20)"}, {"ERC20", "Ethereum (ERC-20)"}, {"BEP20", "BNB Smart Chain (BEP-20)"}, {"BEP2", "BNB Beacon Chain (BEP-2)"}, {"POLYGON", "Polygon"},
	{"ARBITRUM", "Arbitrum One"}, {"ARB", "Arbitrum One"}, {"OPTIMISM", "OP Mainnet"}, {"OP", "OP Mainnet"}, {"AVAXC", "Avalanche C-Chain"}, {"SOL", "Solana"}, {"TON", "TON"}, {"BASE", "Base"},
}

// tokens are currencies that live on several networks.
var tokens = []string{"USDT", "USDC", "DAI", "BUSD", "TUSD", "ETH", "BTC", "BNB", "SHIB", "LINK", "NOT"}

// networkOf names the network of a currency; "" where the code does not tell, or there is none (cards, cash, banks).
func networkOf(xml string) string {
	code := strings.ToUpper(xml)
	if n := networks[code]; n != "" {
		return n
	}
	for _, e := range networkEndings {
		token, ok := strings.CutSuffix(code, e.ending)
		if !ok {
			continue
		}
		for _, t := range tokens {
			if token == t {
				return e.name
			}
		}
	}
	return ""
}

// onChain tells whether a currency is sent over a network that has addresses.
func onChain(xml string) bool {
	n := networkOf(xml)
	return n != "" && n != "WebMoney"
}
