package webhook

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"code.dny.dev/ssrf"
)

const maxURL = 2000

// What is wrong with an address; texts for the API.
var (
	ErrURL     = errors.New("must be an absolute http or https address of at most 2000 characters, without user name and fragment")
	ErrPrivate = errors.New("leads to a private or loopback address; webhooks.allow_private allows those")
)

var guard = ssrf.New(ssrf.WithAnyPort())

// CheckURL says whether webhooks may go to an address, as far as can be told from its text: the error is ErrURL or ErrPrivate. Names are looked
// up when something is sent, and what they lead to is checked then.
func CheckURL(address string, allowPrivate bool) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || len(address) > maxURL ||
		strings.ContainsAny(address, " \t\r\n") {
		return ErrURL
	}
	if allowPrivate {
		return nil
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return ErrPrivate
	}
	if ip, err := netip.ParseAddr(host); err == nil && guard.SafeAddr(ip.Unmap().WithZone("")) != nil {
		return ErrPrivate
	}
	return nil
}
