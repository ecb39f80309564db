package jobs

import (
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"mostrador/config"
)

// Post is one mail, ready to go.
type Post struct {
	ID          string // what stands before the @ of the Message-ID: the same through every try
	To, ReplyTo string
	Subject     string
	Text, HTML  string
	Date        time.Time
}

// Mailer sends by SMTP: smtp:// uses STARTTLS where the server offers it, smtps:// is TLS from the start.
type Mailer struct {
	host, from, domain string
	options            []mail.Option
}

// NewMailer reads mail.url and mail.from. The error says what is wrong without repeating the address, which holds a password.
func NewMailer(c config.Mail) (*Mailer, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("mail.url wants smtp://user:password@host:port or smtps://…")
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, errors.New("mail.from wants a mail address")
	}
	m := &Mailer{host: u.Hostname(), from: c.From, domain: from.Address[strings.LastIndexByte(from.Address, '@')+1:], options: []mail.Option{mail.WithTimeout(15 * time.Second)}}
	port, _ := strconv.Atoi(u.Port())
	switch {
	case u.Scheme == "smtps" && port == 0:
		m.options = append(m.options, mail.WithSSLPort(false))
	case u.Scheme == "smtps":
		m.options = append(m.options, mail.WithSSL(), mail.WithPort(port))
	case port == 0:
		m.options = append(m.options, mail.WithTLSPortPolicy(mail.TLSOpportunistic))
	default:
		m.options = append(m.options, mail.WithPort(port), mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		m.options = append(m.options, mail.WithUsername(name), mail.WithPassword(password), m.auth())
	}
	return m, nil
}

// auth lets a password go in clear to this machine alone; elsewhere only inside TLS, or by a mechanism that does not show it.
func (m *Mailer) auth() mail.Option {
	ip := net.ParseIP(m.host)
	if m.host == "localhost" || ip != nil && ip.IsLoopback() {
		return mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthCramMD5, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc)
	}
	return mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover)
}

// Send hands a mail to the server. It returns nil once the server took it, even if saying goodbye went wrong. final tells that another try
// would be refused too.
func (m *Mailer) Send(ctx context.Context, p Post) (final bool, err error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.From(m.from), msg.AddTo(p.To)); err != nil {
		return true, fmt.Errorf("address a mail: %w", err)
	}
	if p.ReplyTo != "" {
		if err := msg.ReplyTo(p.ReplyTo); err != nil {
			return true, fmt.Errorf("address a mail: %w", err)
		}
	}
	msg.SetMessageIDWithValue(p.ID + "@" + m.domain)
	msg.SetDateWithValue(p.Date)
	msg.Subject(p.Subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, p.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, p.HTML)
	client, err := mail.NewClient(m.host, m.options...)
	if err != nil {
		return true, fmt.Errorf("set up mail: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() {
		return false, nil
	}
	var refused *mail.SendError
	if errors.As(err, &refused) {
		final = !refused.IsTemp() && refused.ErrorCode() >= 500 && refused.ErrorCode() < 600
	}
	return final, fmt.Errorf("send mail: %w", err)
}
