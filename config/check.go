package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check notes everything that can be read but makes no sense.
func check(c Config, m *mistakes) {
	checkServer(c, m)
	checkDatabase(c.Database, m)
	checkExchanger(c, m)
	checkShop(c.Shop, m)
	checkPayouts(c, m)
	checkCheckout(c.Checkout, m)
	checkMail(c, m)
	if c.Security.KeyFile == "" {
		m.add("security.key_file", show(""), "the name of a file")
	}
	notNegative(m, "security.payout_delay", c.Security.PayoutDelay)
	if c.Limits.OrdersPerMinute < 1 {
		m.add("limits.orders_per_minute", show(strconv.Itoa(c.Limits.OrdersPerMinute)), "a whole number from 1")
	}
}

func checkServer(c Config, m *mistakes) {
	listen(m, "server.listen", c.Server.Listen)
	listen(m, "sandbox.listen", c.Sandbox.Listen)
	if c.Server.MetricsListen != "" {
		listen(m, "server.metrics_listen", c.Server.MetricsListen)
		distinctListen(m, "server.metrics_listen", c.Server.MetricsListen, "server.listen", c.Server.Listen)
	}
	for i, s := range c.Server.TrustedProxies {
		if _, ok := network(s); !ok {
			m.add(fmt.Sprintf("server.trusted_proxies[%d]", i), show(s), "a network such as 10.0.0.0/8, or one address")
		}
	}
	shop := origin(m, "server.public_url", c.Server.PublicURL)
	if c.Live() && shop != nil && shop.Scheme != "https" && !loopback(shop.Hostname()) {
		m.add("server.public_url", showURL(c.Server.PublicURL), "an https address: in live mode payment data must not travel in clear")
	}
	sandbox := origin(m, "sandbox.public_url", c.Sandbox.PublicURL)
	if c.Live() {
		return
	}
	distinctListen(m, "sandbox.listen", c.Sandbox.Listen, "server.listen", c.Server.Listen)
	if shop != nil && sandbox != nil && sameOrigin(shop, sandbox) {
		m.add("sandbox.public_url", showURL(c.Sandbox.PublicURL), "another origin than server.public_url")
	}
}

func listen(m *mistakes, key, s string) {
	host, port, err := net.SplitHostPort(s)
	n, perr := strconv.ParseUint(port, 10, 16)
	if err != nil || perr != nil || strconv.FormatUint(n, 10) != port || strings.ContainsAny(host, " /@?#") {
		m.add(key, show(s), "host:port such as 127.0.0.1:8080")
	}
}

// distinctListen refuses two listeners on one port; 0 lets the system choose and never meets another.
func distinctListen(m *mistakes, key, s, otherKey, other string) {
	if _, port, err := net.SplitHostPort(s); s == other && err == nil && port != "0" {
		m.add(key, show(s), "another address than "+otherKey)
	}
}

// origin checks scheme://host[:port] and returns it, nil when it is none.
func origin(m *mistakes, key, s string) *url.URL {
	u := address(s)
	if u == nil || u.Path != "" {
		m.add(key, showURL(s), "an address such as https://shop.example, without a path")
		return nil
	}
	return u
}

// address parses an absolute http or https address without user, query and fragment.
func address(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#") {
		return nil
	}
	if p := u.Port(); strings.HasSuffix(u.Host, ":") || p != "" && !portShape(p) {
		return nil
	}
	return u
}

func portShape(p string) bool {
	n, err := strconv.ParseUint(p, 10, 16)
	return err == nil && n > 0
}

func sameOrigin(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if p := u.Port(); p != "" {
			return p
		}
		return map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func loopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// rehearsal tells whether a site of this address cannot be an exchanger of the world: a name or an address that only this
// machine or its network knows.
func rehearsal(site string) bool {
	u := address(site)
	if u == nil {
		return true // blamed elsewhere
	}
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback() || ip.Unmap().IsPrivate()
	}
	return loopback(host) || !strings.Contains(host, ".") || strings.HasSuffix(host, ".test") || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".example")
}

func checkDatabase(d Database, m *mistakes) {
	notNegative(m, "database.backup_every", d.BackupEvery)
	const wanted = "sqlite:FILE or postgres://user:password@host:5432/name"
	if file, ok := strings.CutPrefix(d.URL, "sqlite:"); ok {
		if file == "" || strings.ContainsAny(file, "?#") || strings.HasPrefix(file, ":memory:") || strings.HasPrefix(file, "file:") || strings.HasSuffix(file, "/") {
			m.add("database.url", showURL(d.URL), wanted)
		}
		return
	}
	u, err := url.Parse(d.URL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Opaque != "" || u.Host == "" && u.Query().Get("host") == "" || u.User == nil && strings.Contains(d.URL, "@") {
		m.add("database.url", showURL(d.URL), wanted)
	}
}

var (
	siteName   = regexp.MustCompile(`^[a-z0-9-]+$`)
	apiPath    = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)
	headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$")
	hashName   = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
)

func checkExchanger(c Config, m *mistakes) {
	e := c.Exchanger
	oneOf(m, "exchanger.mode", e.Mode, ModeSandbox, ModeLive)
	oneOf(m, "exchanger.choose", e.Choose, ChooseBest, ChoosePreferred)
	positive(m, "exchanger.timeout", e.Timeout)
	positive(m, "exchanger.routes_ttl", e.RoutesTTL)
	positive(m, "exchanger.poll.watched", e.Poll.Watched)
	positive(m, "exchanger.poll.first", e.Poll.First)
	positive(m, "exchanger.poll.max", e.Poll.Max)
	if e.CallsPerSecond <= 0 {
		m.add("exchanger.calls_per_second", show(strconv.FormatFloat(e.CallsPerSecond, 'f', -1, 64)), "a number above 0")
	}
	for i, name := range e.IPNHashNames {
		if !hashName.MatchString(name) {
			m.add(fmt.Sprintf("exchanger.ipn_hash_names[%d]", i), show(name), "the name of a field or header")
		}
	}
	if c.Live() && len(e.Sites) == 0 {
		m.add("exchanger.sites", "an empty list", "at least one site in live mode")
	}
	seen := map[string]bool{}
	for i, s := range e.Sites {
		at := fmt.Sprintf("exchanger.sites[%d]", i)
		checkSite(s, at, m)
		if seen[s.Name] {
			m.add(at+".name", show(s.Name), "a name that no other site has")
		}
		seen[s.Name] = true
	}
}

func checkSite(s Site, at string, m *mistakes) {
	if !siteName.MatchString(s.Name) {
		m.add(at+".name", show(s.Name), "a name of a-z, 0-9 and -")
	}
	if address(s.BaseURL) == nil {
		m.add(at+".base_url", showURL(s.BaseURL), "an address such as https://www.coinsbar.net")
	}
	if !apiPath.MatchString(s.APIPath) || slices.Contains(strings.Split(s.APIPath, "/"), "..") {
		m.add(at+".api_path", show(s.APIPath), "a path such as "+DefaultAPIPath)
	}
	for name, value := range s.Headers {
		if !headerName.MatchString(name) {
			m.add(at+".headers", "the name "+show(name), "the name of an HTTP header")
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			m.add(join(at+".headers", name), "a value that is not shown, with a line break or control character", "one line")
		}
	}
	oneLine(m, at+".partner", s.Partner, 200)
}

// email checks an address of mail; bare allows no name before it.
func email(m *mistakes, key, s string, bare bool) {
	a, err := mail.ParseAddress(s)
	if err != nil || strings.ContainsAny(s, "\r\n") || len(a.Address) > 254 || bare && a.Address != s {
		m.add(key, show(s), "a mail address such as shop@example.com")
	}
}

func oneOf(m *mistakes, key, got string, words ...string) {
	if !slices.Contains(words, got) {
		last := len(words) - 1
		m.add(key, show(got), strings.Join(words[:last], ", ")+" or "+words[last])
	}
}

// unique refuses a word that is not in words and one that stands twice.
func unique(m *mistakes, key string, list, words []string) {
	for i, got := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		oneOf(m, at, got, words...)
		if slices.Contains(list[:i], got) {
			m.add(at, show(got), "each once")
		}
	}
}

func positive(m *mistakes, key string, d time.Duration) {
	if d <= 0 {
		m.add(key, show(d.String()), "a duration above 0 such as 15s")
	}
}

func notNegative(m *mistakes, key string, d time.Duration) {
	if d < 0 {
		m.add(key, show(d.String()), "a duration such as 24h, or 0")
	}
}

func oneLine(m *mistakes, key, s string, longest int) {
	if !isLine(s, longest) {
		m.add(key, show(s), lineOf(longest))
	}
}

func isLine(s string, longest int) bool {
	return len(s) <= longest && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func lineOf(longest int) string { return fmt.Sprintf("one line of at most %d characters", longest) }
