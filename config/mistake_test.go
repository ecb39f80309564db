package config

import (
	"slices"
	"strings"
	"testing"
)

func TestEachMistakeIsOneLine(t *testing.T) {
	const live = "exchanger: {mode: live}\nserver: {public_url: https://shop.example}\n"
	for _, tt := range []struct {
		name, file string
		env        []string
		want       string
	}{
		{"a duration without a unit", "exchanger: {poll: {first: 15}}", nil, `exchanger.poll.first: got "15", want a duration such as 15s`},
		{"a duration of nothing", "exchanger: {timeout: 0s}", nil, `exchanger.timeout: got "0s", want a duration above 0 such as 15s`},
		{"a negative duration", "security: {payout_delay: -1h}", nil, `security.payout_delay: got "-1h0m0s", want a duration such as 24h, or 0`},
		{"a rate that is never fresh", "exchanger: {routes_ttl: 0s}", nil, `exchanger.routes_ttl: got "0s", want a duration above 0 such as 15s`},
		{"a pull without a pause", "exchanger: {poll: {watched: 0s}}", nil, `exchanger.poll.watched: got "0s", want a duration above 0 such as 15s`},
		{"a first pull before its time", "exchanger: {poll: {first: -1s}}", nil, `exchanger.poll.first: got "-1s", want a duration above 0 such as 15s`},
		{"a longest pause of nothing", "exchanger: {poll: {max: 0s}}", nil, `exchanger.poll.max: got "0s", want a duration above 0 such as 15s`},
		{"a closed order that nobody watches", "checkout: {watch_after_close: 0s}", nil, `checkout.watch_after_close: got "0s", want a duration above 0 such as 15s`},
		{"a mistake in a variable", "", []string{"MOSTRADOR_EXCHANGER__POLL__FIRST=15"}, `exchanger.poll.first: got "15", want a duration such as 15s`},
		{"an expiry of nothing", "checkout: {order_expiry: 0s}", nil, `checkout.order_expiry: got "0s", want a duration above 0 such as 15s`},
		{"a misspelt key", "shop: {curency: EUR}", nil, `shop.curency: got an unknown key, want shop.currency`},
		{"a misspelt section", "shopp: {currency: EUR}", nil, `shopp: got an unknown key, want shop`},
		{"a key of another program", "shop: {telephone_number: 1}", nil, `shop.telephone_number: got an unknown key, want one of name, currency, languages, timezone, demo, terms_url, support_email under shop`},
		{"a key at the top that is nothing like ours", "kubernetes_labels: {}", nil, `kubernetes_labels: got an unknown key, want one of server, database, exchanger, sandbox, shop, payouts, checkout, webhooks, mail, notify, security, limits`},
		{"a misspelt key of a site", "exchanger: {sites: [{name: a, base_url: 'https://a.example', api_pth: /x}]}", nil, `exchanger.sites[0].api_pth: got an unknown key, want exchanger.sites[].api_path`},
		{"a misspelt variable", "", []string{"MOSTRADOR_SHOP__CURENCY=EUR"}, `shop.curency: got an unknown key (MOSTRADOR_SHOP__CURENCY), want shop.currency`},
		{"a variable with one underscore for a level", "", []string{"MOSTRADOR_SHOP_CURRENCY=EUR"}, `shop_currency: got an unknown key (MOSTRADOR_SHOP_CURRENCY), want shop.currency`},
		{"a variable in small letters", "", []string{"MOSTRADOR_shop__currency=EUR"}, `shop.currency: got an unknown key (MOSTRADOR_shop__currency), want shop.currency`},
		{"a list as plain text in a variable", "", []string{"MOSTRADOR_SHOP__LANGUAGES=en,es"}, `shop.languages: got a value that is none, want a JSON list such as ["en"]`},
		{"an empty list variable", "", []string{"MOSTRADOR_PAYOUTS="}, `payouts: got a value that is none, want a JSON list such as [{"currency":"…"}]`},
		{"text after the JSON", "", []string{`MOSTRADOR_SHOP__LANGUAGES=["en"] x`}, `shop.languages: got a value that is none, want a JSON list such as ["en"]`},
		{"a section as text in a variable", "", []string{"MOSTRADOR_SERVER=5"}, `server: got a value that is none, want a JSON object such as {"name":"value"}`},
		{"a section that is a text", "server: 5", nil, `server: got "5", want a map of the keys listen, public_url, trusted_proxies, metrics_listen`},
		{"a text where a list belongs", "shop: {languages: en}", nil, `shop.languages: got "en", want a list`},
		{"a list where a text belongs", "shop: {name: [a]}", nil, `shop.name: got a list, want a text`},
		{"a key twice", "shop:\n  name: a\n  name: b", nil, `shop.name: got the key a second time in line 3, want it once`},
		{"not YAML", "shop: [", nil, `config file: got line 1: did not find expected node content, want YAML`},
		{"an anchor that multiplies without end", "shop: &a {name: [*a, *a, *a, *a]}", nil, `config file: got values without end, want the keys of docs/configuration.md`},
		{"two documents", "shop: {name: a}\n---\nshop: {name: b}", nil, `config file: got a second document after ---, want one document`},
		{"a file that is a list", "- shop", nil, `config file: got a list, want a map of keys such as shop:`},
		{"an address without a port", "server: {listen: localhost}", nil, `server.listen: got "localhost", want host:port such as 127.0.0.1:8080`},
		{"a port that is none", "sandbox: {listen: '127.0.0.1:99999'}", nil, `sandbox.listen: got "127.0.0.1:99999", want host:port such as 127.0.0.1:8080`},
		{"metrics on the shop's own port", "server: {metrics_listen: '127.0.0.1:8080'}", nil, `server.metrics_listen: got "127.0.0.1:8080", want another address than server.listen`},
		{"the sandbox on the shop's port", "sandbox: {listen: '127.0.0.1:8080'}", nil, `sandbox.listen: got "127.0.0.1:8080", want another address than server.listen`},
		{"the sandbox on the shop's origin", "sandbox: {public_url: 'http://localhost:8080/'}", nil, `sandbox.public_url: got "http://localhost:8080", want another origin than server.public_url`},
		{"a relative public address", "server: {public_url: /shop}", nil, `server.public_url: got "/shop", want an address such as https://shop.example, without a path`},
		{"a public address with a path", "server: {public_url: 'http://localhost:8080/shop'}", nil, `server.public_url: got "http://localhost:8080/shop", want an address such as https://shop.example, without a path`},
		{"a public address with a password", "server: {public_url: 'http://joe:hunter2@shop.example'}", nil, `server.public_url: got "http://•••@shop.example", want an address such as https://shop.example, without a path`},
		{"http in live mode", "exchanger: {mode: live}\nserver: {public_url: 'http://shop.example'}\n" + ownPayout, nil, `server.public_url: got "http://shop.example", want an https address: in live mode payment data must not travel in clear`},
		{"a proxy by name", "server: {trusted_proxies: [10.0.0.1, proxy.example]}", nil, `server.trusted_proxies[1]: got "proxy.example", want a network such as 10.0.0.0/8, or one address`},
		{"a network too wide to exist", "server: {trusted_proxies: [10.0.0.0/33]}", nil, `server.trusted_proxies[0]: got "10.0.0.0/33", want a network such as 10.0.0.0/8, or one address`},
		{"a metrics address without a port", "server: {metrics_listen: localhost}", nil, `server.metrics_listen: got "localhost", want host:port such as 127.0.0.1:8080`},
		{"a public address with a query", "server: {public_url: 'http://localhost:8080?a=b'}", nil, `server.public_url: got "http://localhost:8080?•••", want an address such as https://shop.example, without a path`},
		{"a database whose password has a slash", "database: {url: 'postgres://shop:1/hunter2@db/shop'}", nil, `database.url: got a value that is not shown, it may hold a password, want sqlite:FILE or postgres://user:password@host:5432/name`},
		{"a database that is a text", "database: hunter2", nil, `database: got a text, want a map of the keys url, backup_every`},
		{"an unknown database", "database: {url: 'mysql://root:hunter2@db/shop'}", nil, `database.url: got "mysql://•••@db/shop", want sqlite:FILE or postgres://user:password@host:5432/name`},
		{"a database in another notation", "database: {url: 'host=db password=hunter2'}", nil, `database.url: got a value that is not shown, it may hold a password, want sqlite:FILE or postgres://user:password@host:5432/name`},
		{"a database in memory", "database: {url: 'sqlite::memory:'}", nil, `database.url: got "sqlite::memory:", want sqlite:FILE or postgres://user:password@host:5432/name`},
		{"an unknown mode", "exchanger: {mode: production}", nil, `exchanger.mode: got "production", want sandbox or live`},
		{"an unknown way to choose", "exchanger: {choose: cheapest}", nil, `exchanger.choose: got "cheapest", want best or preferred`},
		{"no calls at all", "exchanger: {calls_per_second: 0}", nil, `exchanger.calls_per_second: got "0", want a number above 0`},
		{"calls that are no number", "exchanger: {calls_per_second: NaN}", nil, `exchanger.calls_per_second: got "NaN", want a number such as 5`},
		{"no site in live mode", live + ownPayout + "---", []string{"MOSTRADOR_EXCHANGER__SITES=[]"}, `exchanger.sites: got an empty list, want at least one site in live mode`},
		{"a site's name with a space", "exchanger: {sites: [{name: My Site, base_url: 'https://a.example'}]}", nil, `exchanger.sites[0].name: got "My Site", want a name of a-z, 0-9 and -`},
		{"two sites of one name", "exchanger: {sites: [{name: a, base_url: 'https://a.example'}, {name: a, base_url: 'https://b.example'}]}", nil, `exchanger.sites[1].name: got "a", want a name that no other site has`},
		{"a site without an address", "exchanger: {sites: [{name: a}]}", nil, `exchanger.sites[0].base_url: got "", want an address such as https://www.coinsbar.net`},
		{"a site's API path upwards", "exchanger: {sites: [{name: a, base_url: 'https://a.example', api_path: /../x}]}", nil, `exchanger.sites[0].api_path: got "/../x", want a path such as /service/api/v1`},
		{"a header's value with a line break", "exchanger: {sites: [{name: a, base_url: 'https://a.example', headers: {Authorization: \"hunter2\\nX: y\"}}]}", nil, `exchanger.sites[0].headers.Authorization: got a value that is not shown, with a line break or control character, want one line`},
		{"headers that are a list", "exchanger: {sites: [{name: a, base_url: 'https://a.example', headers: [hunter2]}]}", nil, `exchanger.sites[0].headers: got a value that is none, want a map of names and texts`},
		{"a hash name with a space", "exchanger: {ipn_hash_names: ['a b']}", nil, `exchanger.ipn_hash_names[0]: got "a b", want the name of a field or header`},
		{"a currency in small letters", "shop: {currency: usd}", nil, `shop.currency: got "usd", want a currency's code in capitals such as USD`},
		{"no language", "shop: {languages: []}", nil, `shop.languages: got an empty list, want at least one of en, es, ru`},
		{"a language that is not spoken", "shop: {languages: [en, de]}", nil, `shop.languages[1]: got "de", want en, es or ru`},
		{"a language twice", "shop: {languages: [en, en]}", nil, `shop.languages[1]: got "en", want each once`},
		{"a time zone that is none", "shop: {timezone: Mars/Olympus}", nil, `shop.timezone: got "Mars/Olympus", want a time zone such as Europe/Madrid`},
		{"the machine's own time zone", "shop: {timezone: Local}", nil, `shop.timezone: got "Local", want a time zone such as Europe/Madrid`},
		{"a nameless shop", "shop: {name: ' '}", nil, `shop.name: got " ", want a name`},
		{"yes is not true", "shop: {demo: yes}", nil, `shop.demo: got "yes", want true or false`},
		{"terms in a script", "shop: {terms_url: 'javascript:alert(1)'}", nil, `shop.terms_url: got "javascript:alert(1)", want an address such as https://shop.example/terms`},
		{"a support address that is none", "shop: {support_email: nobody}", nil, `shop.support_email: got "nobody", want a mail address such as shop@example.com`},
		{"a payout that is a wallet alone", "payouts: [hunter2]", nil, `payouts[0]: got a text, want a map of the keys currency, rate, values, routeValues`},
		{"payouts that are a wallet alone", "payouts: hunter2", nil, `payouts: got a text, want a list`},
		{"a wallet without its field", "payouts: [{currency: BTC, values: hunter2}]", nil, `payouts[0].values: got a value that is none, want a map of names and texts`},
		{"a wallet with a line break", "payouts: [{currency: BTC, values: {wallet: \"hunter2\\n\"}}]", nil, `payouts[0].values.wallet: got a value that is not shown, want one line of at most 500 characters`},
		{"a wallet in the route's values alone", "payouts: [{currency: BTC, routeValues: {wallet: x}}]", nil, `payouts[0].values: got nothing, want the wallet to receive at, such as {wallet: "…"}`},
		{"nothing to receive", "payouts: []", nil, `payouts: got an empty list, want at least one currency to receive`},
		{"a payout without a currency", "payouts: [{values: {wallet: x}}]", nil, `payouts[0].currency: got "", want the exchanger's code of a currency such as USDTTRC20`},
		{"a payout twice", "payouts: [{currency: BTC, values: {wallet: x}}, {currency: BTC, values: {wallet: y}}]", nil, `payouts[1].currency: got "BTC", want each currency once`},
		{"a payout without a wallet", "payouts: [{currency: BTC}]", nil, `payouts[0].values: got nothing, want the wallet to receive at, such as {wallet: "…"}`},
		{"an empty wallet", "payouts: [{currency: BTC, values: {wallet: ''}}]", nil, `payouts[0].values.wallet: got "", want what goes into the field`},
		{"a rate of zero", "payouts: [{currency: BTC, rate: 0, values: {wallet: x}}]", nil, `payouts[0].rate: got "0", want a decimal number above 0 such as 1.05`},
		{"a rate that no currency has", "payouts: [{currency: BTC, rate: 10000000000000000, values: {wallet: x}}]", nil, `payouts[0].rate: got "10000000000000000", want at most 15 digits before the point, or zeros behind it`},
		{"a rate of next to nothing", "payouts: [{currency: BTC, rate: 0.0000000000000001, values: {wallet: x}}]", nil, `payouts[0].rate: got "0.0000000000000001", want at most 15 digits before the point, or zeros behind it`},
		{"a rate with an exponent", "payouts: [{currency: BTC, rate: 1e3, values: {wallet: x}}]", nil, `payouts[0].rate: got "1e3", want a decimal number such as 1.05`},
		{"a negative rate", "payouts: [{currency: BTC, rate: -1, values: {wallet: x}}]", nil, `payouts[0].rate: got "-1", want a decimal number such as 1.05`},
		{"the demo's wallet where money is real", live + "payouts: [{currency: WMZ, values: {wallet: " + DemoWMZ + "}}]", nil, `payouts[0].values.wallet: got the demo's wallet, want your own: what is sent to the demo's is lost`},
		{"an unknown payment page", "checkout: {payment_page: popup}", nil, `checkout.payment_page: got "popup", want exchanger, order or onsite`},
		{"settled on a status that proves nothing", "checkout: {settle_on: new}", nil, `checkout.settle_on: got "new", want done, inProgressPayout or inProgress`},
		{"a tolerance without a percent sign", "checkout: {price_tolerance: 0.5}", nil, `checkout.price_tolerance: got "0.5", want a percentage such as 0.5%`},
		{"a tolerance of everything", "checkout: {underpayment_tolerance: 100%}", nil, `checkout.underpayment_tolerance: got "100%", want a percentage below 100% such as 0.5%`},
		{"mail without a sender", "mail: {url: 'smtp://user:hunter2@mail.example:587'}", nil, `mail.from: got "", want the sender's address, since mail.url is set`},
		{"a mail address of another kind", "mail: {url: 'https://user:hunter2@mail.example', from: a@b.example}", nil, `mail.url: got "https://•••@mail.example", want smtp://user:password@host:587 or smtps://…`},
		{"a mail address that cannot be read", "mail: {url: 'smtp://user:hun ter2@mail.example', from: a@b.example}", nil, `mail.url: got a value that is not shown, it may hold a password, want smtp://user:password@host:587 or smtps://…`},
		{"a mail server whose password has a slash", "mail: {url: 'smtp://shop:1/hunter2@mail.example', from: a@b.example}", nil, `mail.url: got a value that is not shown, it may hold a password, want smtp://user:password@host:587 or smtps://…`},
		{"a sender that is none", "mail: {from: shop}", nil, `mail.from: got "shop", want a mail address such as shop@example.com`},
		{"a name before the merchant's address", "notify: {email: 'Joe <joe@shop.example>'}", nil, `notify.email: got "Joe <joe@shop.example>", want a mail address such as shop@example.com`},
		{"an unknown occasion for mail", "notify: {on: [everything]}", nil, `notify.on[0]: got "everything", want review, underpaid, failing_webhook or exchanger_down`},
		{"no key file", "security: {key_file: ''}", nil, `security.key_file: got "", want the name of a file`},
		{"no orders at all", "limits: {orders_per_minute: 0}", nil, `limits.orders_per_minute: got "0", want a whole number from 1`},
		{"half an order", "limits: {orders_per_minute: 0.5}", nil, `limits.orders_per_minute: got "0.5", want a whole number`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(writeFile(t, strings.TrimSuffix(tt.file, "---")), true, tt.env)
			if err == nil {
				t.Fatalf("loaded without a word; want %s", tt.want)
			}
			if err.Error() != tt.want {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the message holds the password")
			}
		})
	}
}

const ownPayout = "payouts: [{currency: BTC, values: {wallet: bc1qmine}}]\n"

func TestAllMistakesAreSaidAtOnce(t *testing.T) {
	_, err := Load(writeFile(t, "shop: {currency: usd, colour: red}\nserver: {listen: x}"), true, []string{"MOSTRADOR_LIMITS__ORDERS_PER_MINUTE=many", "MOSTRADOR_NONSENSE=1"})
	found, ok := err.(Errors)
	if !ok {
		t.Fatalf("got %T %v, want Errors", err, err)
	}
	var keys []string
	for _, m := range found {
		keys = append(keys, m.Key)
	}
	if want := []string{"limits.orders_per_minute", "nonsense", "server.listen", "shop.colour", "shop.currency"}; !slices.Equal(keys, want) {
		t.Errorf("got %v, want %v", keys, want)
	}
}
