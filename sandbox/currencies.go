package sandbox

import (
	"github.com/shopspring/decimal"
)

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// currencies is the whole catalogue, in the order in which an exchanger would show it. Those with ToFields are paid out too.
func currencies() []*currency {
	return append(append(coins(), tokens()...), fiat()...)
}

func coins() []*currency {
	return []*currency{
		{
			Code: "BTC", Name: "Bitcoin", Symbol: "BTC", Icon: "btc", Price: dec("98412.5"), Wobble: 12, Decimals: 8,
			Min: dec("0.00008"), Max: dec("4.5"), account: bitcoinAddress,
			Discounts:    []discount{{dec("0.05"), dec("0.2")}, {dec("0.5"), dec("0.5")}},
			Instructions: confirmations("2"),
		},
		{
			Code: "ETH", Name: "Ethereum", Symbol: "ETH", Icon: "eth", Price: dec("3842.1"), Wobble: 12, Decimals: 8,
			Min: dec("0.002"), Max: dec("120"), account: ethereumAddress, Instructions: confirmations("20"),
		},
		{
			Code: "LTC", Name: "Litecoin", Symbol: "LTC", Icon: "ltc", Price: dec("104.36"), Wobble: 12, Decimals: 8,
			Min: dec("0.05"), Max: dec("900"), account: litecoinAddress, AbsoluteImage: true,
			FromFields: []field{pattern("refund_wallet", "LTC refund address", `^(ltc1[02-9ac-hj-np-z]{39,59}|[LM][1-9A-HJ-NP-Za-km-z]{26,33})$`, false)},
		},
		{
			Code: "TRX", Name: "TRON", Symbol: "TRX", Icon: "trx", Price: dec("0.2841"), Wobble: 12, Decimals: 6,
			Min: dec("20"), account: tronAddress,
		},
		{
			Code: "TON", Name: "Toncoin", Symbol: "TON", Icon: "ton", Price: dec("4.126"), Wobble: 12, Decimals: 9,
			Min: dec("1.5"), Max: dec("25000"), account: tonAddress, tag: numericTag,
			Pay: paySteps, PayLink: "https://ton.org/wallets", Comment: "[[uid]]", ShowComment: true,
		},
		{
			Code: "XMR", Name: "Monero", Symbol: "XMR", Icon: "xmr", Price: dec("318.64"), Wobble: 12, Decimals: 12,
			Min: dec("0.02"), Max: dec("250"), account: moneroAddress,
			Pay: payText, PayText: manualXMR,
			// A lookahead: browsers understand it, Go's regexp does not compile it.
			FromFields: []field{foreignPattern("refund_wallet", "XMR refund address",
				`^(?=[48])[1-9A-HJ-NP-Za-km-z]{95}(?:[1-9A-HJ-NP-Za-km-z]{11})?$`, `^[48][1-9A-HJ-NP-Za-km-z]{94}([1-9A-HJ-NP-Za-km-z]{11})?$`, true)},
		},
		{
			Code: "XRP", Name: "XRP", Symbol: "XRP", Icon: "xrp", Price: dec("2.4137"), Wobble: 12, Decimals: 6,
			Min: dec("4"), Max: dec("60000"), account: rippleAddress, tag: numericTag, TagName: "destinationTag",
			Instructions: []instruction{{"payment", `##en##<p><b>The destination tag is required.</b> Without it the payment cannot be told from others.</p>##ru##<p><b>Destination tag обязателен.</b> Без него платёж не найти среди других.</p>`}},
		},
		{
			Code: "DOGE", Name: "Dogecoin", Symbol: "DOGE", Icon: "doge", Price: dec("0.2187"), Wobble: 12, Decimals: 8,
			Min: dec("25"), Max: dec("1500000"), account: dogeAddress,
			Pay: paySteps, PayLink: "https://dogecoin.com/wallets/",
		},
		{
			Code: "SOL", Name: "Solana", Symbol: "SOL", Icon: "sol", Price: dec("187.25"), Wobble: 12, Decimals: 9,
			Min: dec("0.04"), Max: dec("4000"), account: solanaAddress,
		},
		{
			Code: "BNB", Name: "BNB BEP20", Symbol: "BNB", Icon: "bnb", Price: dec("871.4"), Wobble: 12, Decimals: 8,
			Min: dec("0.01"), Max: dec("300"), account: ethereumAddress,
		},
		{
			Code: "BCH", Name: "Bitcoin Cash", Symbol: "BCH", Icon: "bch", Price: dec("512.7"), Wobble: 12, Decimals: 8,
			Min: dec("0.015"), Max: dec("400"), account: cashAddress,
		},
		{ // bought out: the reserve for it is empty
			Code: "DASH", Name: "Dash", Symbol: "DASH", Icon: "dash", Price: dec("41.92"), Wobble: 12, Decimals: 8,
			Min: dec("0.2"), Max: dec("2000"), account: dashAddress, Dry: true,
		},
		{ // not shown: the exchanger is setting it up
			Code: "ADA", Name: "Cardano", Symbol: "ADA", Icon: "ada", Price: dec("0.7415"), Wobble: 12, Decimals: 6,
			Min: dec("10"), Max: dec("200000"), account: cardanoAddress, Hidden: true,
		},
	}
}

func tokens() []*currency {
	return []*currency{
		{
			Code: "USDTTRC20", Name: "Tether TRC20", Symbol: "USDT", Icon: "usdt-trc20", Price: dec("1"), Wobble: 2, Decimals: 2,
			Min: dec("10"), Max: dec("150000"), Reserve: dec("184220.51"), account: tronAddress,
			ToFields: []field{pattern("wallet", "USDT TRC20 address", `^T[1-9A-HJ-NP-Za-km-z]{33}$`, true)},
		},
		{
			Code: "USDTERC20", Name: "Tether ERC20", Symbol: "USDT", Icon: "usdt-erc20", Price: dec("1"), Wobble: 2, Decimals: 6,
			Min: dec("50"), Max: dec("150000"), account: ethereumAddress,
			FromFields: []field{pattern("refund_wallet", "ERC20 refund address", `^0x[0-9a-fA-F]{40}$`, false)},
		},
		{
			Code: "USDTTON", Name: "Tether TON", Symbol: "USDT", Icon: "usdt-ton", Price: dec("1"), Wobble: 2, Decimals: 6,
			Min: dec("5"), Max: dec("80000"), account: tonAddress, tag: numericTag, TagName: "memo",
		},
		{
			Code: "USDCERC20", Name: "USD Coin ERC20", Symbol: "USDC", Icon: "usdc", Price: dec("0.9996"), Wobble: 2, Decimals: 6,
			Min: dec("50"), Max: dec("100000"), account: ethereumAddress,
		},
		{
			Code: "DAI", Name: "Dai ERC20", Symbol: "DAI", Icon: "dai", Price: dec("0.9993"), Wobble: 2, Decimals: 18,
			Min: dec("50"), Max: dec("60000"), account: ethereumAddress,
		},
	}
}

func fiat() []*currency {
	return []*currency{
		{
			Code: "WMZ", Name: "WebMoney", Symbol: "WMZ", Icon: "wmz", Price: dec("0.982"), Wobble: 4, Decimals: 2,
			Min: dec("5"), Max: dec("5000"), Reserve: dec("23410"), Fee: dec("0.3"), account: purse,
			Pay: paySteps, PayLink: "https://www.webmoney.com/", Comment: "Order [[UID]], [[inAmount]] [[inSymbol]]", ShowComment: true,
			FromFields: []field{pattern("wallet_from", "Your WMZ purse", `^Z\d{12}$`, true)},
			ToFields:   []field{pattern("wallet", "WMZ purse", `^Z\d{12}$`, true)},
		},
		{
			Code: "CARDUSD", Name: "Visa/Mastercard USD", Symbol: "USD", Icon: "card", Price: dec("1"), Wobble: 4, Decimals: -1,
			Min: dec("20"), Max: dec("2500"), account: cardNumber, Pay: payText, PayText: manualCard,
			FromFields: []field{
				pattern("card", "Card number", `^\d{16}$`, true),
				pattern("phone", "Phone", `^\+?\d{9,15}$`, true),
			},
			Instructions: []instruction{{"createOrder", `##en##<p>Pay from <em>your own</em> card only. <a href="https://ensayo.example/rules" onclick="alert(1)">Rules</a></p><script>document.title="evaluated"</script>##ru##<p>Платите только <em>со своей</em> карты.</p><img src="x" onerror="alert(1)">`}},
		},
		{
			Code: "SEPAEUR", Name: "SEPA transfer EUR", Symbol: "EUR", Icon: "bank-eur", Price: dec("1.0842"), Wobble: 4, Decimals: 2,
			Min: dec("25"), Max: dec("10000"), account: iban, Pay: paySteps, PayLink: "", Comment: "Invoice [[uid]]", ShowComment: true,
			Verify: true, VerifyAbove: dec("300"),
			RouteFields: []field{pattern("holder", "Account holder", `^[\p{L}][\p{L} .'-]{1,69}$`, true)},
		},
		{
			Code: "BANKUSD", Name: "Bank transfer USD", Symbol: "USD", Icon: "bank", Price: dec("1"), Wobble: 4, Decimals: 2,
			Min: dec("100"), Max: dec("25000"), account: iban, Pay: paySteps, Comment: "Invoice [[uid]]", ShowComment: true,
			RouteFields: []field{pattern("holder", "Account holder", `^[\p{L}][\p{L} .'-]{1,69}$`, true)},
		},
		{
			Code: "CASHUSD_C_ALC", Name: "Cash USD Alicante", Symbol: "USD", Icon: "cash", Price: dec("1"), Wobble: 4, Decimals: 0,
			Min: dec("500"), Max: dec("50000"), account: officeAddress, Pay: payText, PayText: manualCash,
			FromFields: []field{
				pattern("phone", "Phone", `^\+?\d{9,15}$`, true),
				pattern("telegram", "Telegram", `^@?\w{5,32}$`, false),
			},
		},
		{
			Code: "CASHEUR_C_MAD", Name: "Cash EUR Madrid", Symbol: "EUR", Icon: "cash-eur", Price: dec("1.0842"), Wobble: 4, Decimals: 0,
			Min: dec("500"), Max: dec("50000"), account: officeAddress, Pay: payText, PayText: manualCash, AbsoluteImage: true,
			FromFields: []field{pattern("phone", "Phone", `^\+?\d{9,15}$`, true)},
		},
	}
}

const (
	manualXMR  = `<p>Send <b>[[inAmount]] [[InNameCurrency]]</b> to</p><p><code>[[account]]</code></p><p>Order [[uid]]: you get [[outAmount]] [[outSymbol]].</p>`
	manualCard = `<p>Transfer <b>[[inAmount]] [[inSymbol]]</b> to the card <code>[[account]]</code>, then press <i>I have paid</i>.</p><p>Write nothing in the comment. Order [[UID]].</p>`
	manualCash = `<p>Bring <b>[[inAmount]] [[inSymbol]]</b> to [[account]], Monday to Friday 10:00–18:00. Say the number <b>[[uid]]</b>.</p>`
)

func confirmations(n string) []instruction {
	return []instruction{
		{"createOrder", `##en##<p>The payment counts after <b>` + n + `</b> confirmations.</p>##ru##<p>Платёж засчитывается после <b>` + n + `</b> подтверждений.</p>`},
		{"payment", `##en##<p>Send the exact amount in <u>one</u> payment.</p>##ru##<p>Отправьте точную сумму <u>одним</u> платежом.</p>`},
	}
}
