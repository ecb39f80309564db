package shop

import (
	"net/url"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestPaymentURIs(t *testing.T) {
	const evm = "0x71C7656EC7ab88b098defB751B7401B5f6d8976F"
	for _, tt := range []struct {
		name, xml, address, tag, amount, want string
	}{
		{"Bitcoin (BIP-21)", "BTC", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "", "0.00040012", "bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4?amount=0.00040012"},
		{"Litecoin", "LTC", "ltc1qg9stkxrszkdqsuj92lm4c7akvk36zvhqw7p6ck", "", "0.5", "litecoin:ltc1qg9stkxrszkdqsuj92lm4c7akvk36zvhqw7p6ck?amount=0.5"},
		{"Dogecoin", "DOGE", "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L", "", "100", "dogecoin:DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L?amount=100"},
		{"Bitcoin Cash, whose addresses name their scheme", "BCH", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "", "0.1", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a?amount=0.1"},
		{"Monero", "XMR", "4" + strings.Repeat("A", 94), "", "0.134921", "monero:4" + strings.Repeat("A", 94) + "?tx_amount=0.134921"},
		{"TRON", "TRX", "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf", "", "20", "tron:TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf?amount=20"},
		{"Ether in wei (EIP-681)", "ETH", evm, "", "0.012345678901234567", "ethereum:" + evm + "@1?value=12345678901234567"},
		{"a token is its contract's transfer", "USDTERC20", evm, "", "43.12", "ethereum:0xdAC17F958D2ee523a2206206994597C13D831ec7@1/transfer?address=" + evm + "&uint256=43120000"},
		{"an amount that the token cannot hold", "USDTERC20", evm, "", "0.0000001", ""},
		{"XRP with its tag", "XRP", "rMq7vKx4ZtHn9sWcD2yUbJ6LpEa8GfRkT3", "104287553", "17.4821", "xrpl:rMq7vKx4ZtHn9sWcD2yUbJ6LpEa8GfRkT3?amount=17.4821&dt=104287553"},
		{"TON in its smallest unit, with the memo", "TON", "UQ" + strings.Repeat("a", 46), "Order 7", "1.5", "ton://transfer/UQ" + strings.Repeat("a", 46) + "?amount=1500000000&text=Order+7"},
		{"a tag where the scheme has none", "BTC", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "77", "1", ""},
		{"a token on a network without an agreed scheme", "USDTTRC20", "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf", "", "5", ""},
		{"an address that would be more than one", "BTC", "bc1q&amount=9", "", "1", ""},
		{"an address with a question mark", "BTC", "bc1qw508d6qejx?amount=9", "", "1", ""},
		{"a purse", "WMZ", "Z123456789012", "", "5", ""},
		{"nothing to pay", "BTC", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "", "0", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := paymentURI(payment{xml: tt.xml, address: tt.address, tag: tt.tag, amount: decimal.RequireFromString(tt.amount)})
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestPaymentURIsAreAddressesWhateverTheExchangerSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := payment{xml: rapid.SampledFrom([]string{"BTC", "XRP", "TON", "ETH", "XLM", "DAI", "?"}).Draw(t, "xml"), address: rapid.String().Draw(t, "address"), tag: rapid.String().Draw(t, "tag"),
			amount: decimal.New(rapid.Int64Range(-5, 1e15).Draw(t, "amount"), -9)}
		got, _ := paymentURI(p)
		if got == "" {
			return
		}
		if _, err := url.Parse(got); err != nil || strings.ContainsAny(got, " \"<>\n") {
			t.Fatalf("%+v became %q: %v", p, got, err)
		}
	})
}

func TestPatternsThatABrowserMayRun(t *testing.T) {
	for pattern, want := range map[string]bool{
		`^Z\d{12}$`: true, `^(ltc1[a-z]{39,59}|[LM][1-9]{26,33})$`: true, `(a+)+$`: false, `^(\d{2}){8}$`: false, `/^Z\d+$/i`: false, `(?=x)y`: false, `[`: false, ``: false,
	} {
		if got := browserPattern(pattern) != ""; got != want {
			t.Errorf("%s: %v, want %v", pattern, got, want)
		}
	}
}
