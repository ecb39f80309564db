package jobs

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/models/modelstest"
	"mostrador/sandbox"
)

// smtpServer is a real SMTP server on loopback that keeps what it takes.
type smtpServer struct {
	t    *testing.T
	ln   net.Listener
	mu   sync.Mutex
	got  []taken
	rcpt string // answer to RCPT TO; "": 250
	rude bool   // hangs up after it took a mail
	auth []string
	wg   sync.WaitGroup

	inside, offered *tls.Config // TLS from the start, and after STARTTLS; nil: none
}

// taken is a mail as it came.
type taken struct {
	from, to, raw string
	tls           bool
}

func newSMTP(t *testing.T) *smtpServer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &smtpServer{t: t, ln: ln}
	s.wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.wg.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { ln.Close(); s.wg.Wait() })
	return s
}

func (s *smtpServer) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	s.mu.Lock()
	inside, offered := s.inside, s.offered
	s.mu.Unlock()
	in := bufio.NewReader(conn)
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	secret := inside != nil
	if secret {
		var err error
		if in, say, err = upgrade(conn, inside); err != nil {
			return
		}
	}
	say("220 mail.test ESMTP")
	var m taken
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb := strings.ToUpper(line)
		s.mu.Lock()
		rcpt, rude := s.rcpt, s.rude
		s.mu.Unlock()
		switch {
		case strings.HasPrefix(verb, "EHLO"):
			say("250-mail.test")
			say("250-8BITMIME")
			if offered != nil && !secret {
				say("250-STARTTLS")
			}
			say("250 AUTH PLAIN LOGIN")
		case verb == "STARTTLS" && offered != nil:
			say("220 go on")
			if in, say, err = upgrade(conn, offered); err != nil {
				return
			}
			secret = true
		case strings.HasPrefix(verb, "AUTH"):
			s.mu.Lock()
			s.auth = append(s.auth, line)
			s.mu.Unlock()
			say("235 ok")
		case strings.HasPrefix(verb, "MAIL FROM"):
			m = taken{from: line, tls: secret}
			say("250 ok")
		case strings.HasPrefix(verb, "RCPT TO"):
			m.to = line
			if rcpt != "" {
				say(rcpt)
			} else {
				say("250 ok")
			}
		case verb == "DATA":
			say("354 go on")
			for {
				l, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				m.raw += strings.TrimPrefix(l, ".")
			}
			s.mu.Lock()
			s.got = append(s.got, m)
			s.mu.Unlock()
			say("250 taken")
			if rude {
				return
			}
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *smtpServer) refuse(answer string, rude bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rcpt, s.rude = answer, rude
}

func (s *smtpServer) mails() []taken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]taken(nil), s.got...)
}

// letter is a mail taken apart.
type letter struct {
	head       netmail.Header
	subject    string
	text, html string
}

func read(t *testing.T, m taken) letter {
	t.Helper()
	msg, err := netmail.ReadMessage(strings.NewReader(m.raw))
	if err != nil {
		t.Fatal(err)
	}
	l := letter{head: msg.Header}
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return l
		}
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		body := strings.ReplaceAll(string(raw), "\r\n", "\n")
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			l.html = body
		} else {
			l.text = body
		}
	}
}

// mailRig is a shop that writes mails, and an exchanger beside it.
type mailRig struct {
	t     *testing.T
	clock *shopClock
	smtp  *smtpServer
	store *models.Store
	svc   *checkout.Service
	cfg   *config.Config
	box   *sandbox.Sandbox
	mails *Mails
}

func eachMail(t *testing.T, f func(t *testing.T, r *mailRig)) {
	t.Helper()
	each := func(t *testing.T, address string) {
		c := &shopClock{at: time.Now().UTC()}
		store := modelstest.Open(t, address, c.now)
		r := &mailRig{t: t, clock: c, smtp: newSMTP(t), store: store}
		box, err := sandbox.New(sandbox.Config{})
		if err != nil {
			t.Fatal(err)
		}
		exchange := httptest.NewServer(box.Handler())
		t.Cleanup(func() {
			_ = box.Close()
			exchange.Close()
		})
		cfg := config.Default()
		cfg.Sandbox.PublicURL, cfg.Server.PublicURL = exchange.URL, "https://shop.example"
		cfg.Mail = config.Mail{URL: "smtp://shop:hunter2@" + r.smtp.ln.Addr().String(), From: "Almendra <shop@example.com>"}
		cfg.Notify.Email, cfg.Shop.SupportEmail, cfg.Shop.Name = "owner@example.com", "help@example.com", "Almendra"
		if r.svc, err = checkout.New(context.Background(), store, checkout.OptionsOf(cfg), nil); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.svc.Close)
		mailer, err := NewMailer(cfg.Mail)
		if err != nil {
			t.Fatal(err)
		}
		r.cfg, r.box, r.mails = &cfg, box, NewMails(r.svc, mailer, &cfg, nil)
		f(t, r)
	}
	t.Run("sqlite", func(t *testing.T) { each(t, modelstest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { each(t, modelstest.Postgres(t)) })
}

// person makes somebody of the desk who wants to be written to about kinds.
func (r *mailRig) person(email, lang string, kinds ...string) *models.Staff {
	r.t.Helper()
	ctx := context.Background()
	raw, err := json.Marshal(kinds)
	if err != nil {
		r.t.Fatal(err)
	}
	p := &models.Staff{Email: email, Role: "manager", Lang: lang, Notify: string(raw)}
	if err := r.store.InTx(ctx, func(tx *models.Tx) error { return tx.InsertStaff(ctx, p) }); err != nil {
		r.t.Fatal(err)
	}
	return p
}

// digest writes a person's digest and says how long it has to wait instead.
func (r *mailRig) digest(person int64) time.Duration {
	r.t.Helper()
	err := r.mails.Digest(context.Background(), person)
	var snooze *rivertype.JobSnoozeError
	if errors.As(err, &snooze) {
		return snooze.Duration
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return 0
}

// send sends everything that waits and gives what the server took by it.
func (r *mailRig) send() []letter {
	r.t.Helper()
	before := len(r.smtp.mails())
	for id := int64(1); ; id++ {
		if _, err := r.store.MailByID(context.Background(), id); errors.Is(err, models.ErrNotFound) {
			break
		}
		if err := r.mails.Send(context.Background(), id); err != nil {
			var snooze *rivertype.JobSnoozeError
			if !errors.As(err, &snooze) {
				r.t.Fatal(err)
			}
		}
	}
	var out []letter
	for _, m := range r.smtp.mails()[before:] {
		out = append(out, read(r.t, m))
	}
	return out
}

// place makes an order at the exchanger, and gives it with the exchange order's uid.
func (r *mailRig) place(lang string) (*models.Order, int64) {
	r.t.Helper()
	ctx := context.Background()
	offers, err := r.svc.Offers(ctx, 2500)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range offers {
		if offers[i].Problem != nil || len(checkout.AskedFields(&offers[i])) > 0 {
			continue
		}
		placed, err := r.svc.Place(ctx, checkout.Placement{Source: checkout.SourceAPI, Amount: "25", Route: offers[i].Key, Email: "maria@example.com", Lang: lang, Description: "Two <mugs>"})
		if err != nil {
			r.t.Fatal(err)
		}
		list, err := r.store.Payments(ctx, placed.Order.ID)
		if err != nil || len(list) != 1 {
			r.t.Fatalf("%d payments, %v", len(list), err)
		}
		uid, err := strconv.ParseInt(list[0].UID, 10, 64)
		if err != nil {
			r.t.Fatalf("no exchange order: %+v", list[0])
		}
		return placed.Order, uid
	}
	r.t.Fatal("no route without fields")
	return nil, 0
}

func (r *mailRig) becomes(o *models.Order, uid int64, status string) {
	r.t.Helper()
	if err := r.box.Move(uid, status, false); err != nil {
		r.t.Fatal(err)
	}
	if err := r.svc.CheckNow(context.Background(), o.ID, "test"); err != nil {
		r.t.Fatal(err)
	}
}

// expire lets the time to pay an order run out and closes it.
func (r *mailRig) expire(id int64) {
	r.t.Helper()
	ctx := context.Background()
	err := r.store.InTx(ctx, func(tx *models.Tx) error {
		o, err := tx.LockOrder(ctx, id)
		if err != nil {
			return err
		}
		o.ExpiresAt = tx.Now().Add(-time.Second)
		return tx.SaveOrder(ctx, o)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.svc.ExpireDue(ctx); err != nil {
		r.t.Fatal(err)
	}
}
