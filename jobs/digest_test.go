package jobs

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"mostrador/checkout"
	"mostrador/models"
)

// inReview makes an order that contradicts itself.
func (r *mailRig) inReview() *models.Order {
	r.t.Helper()
	o, uid := r.place("en")
	r.becomes(o, uid, "done")
	r.becomes(o, uid, "returned")
	return o
}

// to are those mails that went to an address.
func to(list []letter, email string) []letter {
	var out []letter
	for _, l := range list {
		if strings.Contains(l.head.Get("To"), email) {
			out = append(out, l)
		}
	}
	return out
}

func TestAPersonHearsAtMostOnceInTenMinutesAndOfWhatTheyChose(t *testing.T) {
	eachMail(t, func(t *testing.T, r *mailRig) {
		ana := r.person("ana@example.com", "ru", models.NoticeReview, models.NoticeStuck)
		none := r.person("none@example.com", "es", models.NoticeBackup)
		first, second := r.inReview(), r.inReview()
		r.digest(ana.ID)
		r.digest(none.ID)
		got := r.send()
		if n := len(to(got, none.Email)); n != 0 {
			t.Errorf("%d mails to who chose none of it", n)
		}
		mine := to(got, ana.Email)
		if len(mine) != 1 {
			t.Fatalf("%d mails to ana", len(mine))
		}
		if l := mine[0]; !strings.Contains(l.subject, "2 дела") || !strings.Contains(l.html, `lang="ru"`) || !strings.Contains(l.text, "https://shop.example/admin/account") ||
			!strings.Contains(l.text, "/admin/orders/"+strconv.FormatInt(first.Number, 10)) || !strings.Contains(l.html, "/admin/orders/"+strconv.FormatInt(second.Number, 10)) || strings.Contains(l.html, "⟦") {
			t.Errorf("%s\n%s", l.subject, l.text)
		}

		// The next thing waits until ten minutes are over, and comes alone.
		o, uid := r.place("en")
		r.becomes(o, uid, "inProgress")
		r.becomes(o, uid, "hold")
		if wait := r.digest(ana.ID); wait < 9*time.Minute || wait > models.DigestEvery {
			t.Fatalf("the next digest waits %s", wait)
		}
		if n := len(to(r.send(), ana.Email)); n != 0 {
			t.Fatalf("%d mails within ten minutes", n)
		}
		r.clock.move(models.DigestEvery)
		r.digest(ana.ID)
		mine = to(r.send(), ana.Email)
		if len(mine) != 1 || !strings.Contains(mine[0].subject, strconv.FormatInt(o.Number, 10)) || !strings.Contains(mine[0].text, "127.0.0.1") {
			t.Fatalf("%+v", mine)
		}
		r.digest(ana.ID) // a job that runs twice
		if again := to(r.send(), ana.Email); len(again) != 0 {
			t.Errorf("told twice: %+v", again)
		}
	})
}

func TestWhatWasDecidedMeanwhileIsNotTold(t *testing.T) {
	eachMail(t, func(t *testing.T, r *mailRig) {
		ana := r.person("ana@example.com", "en", models.NoticeReview)
		o := r.inReview()
		now, err := r.store.OrderByID(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.svc.Accept(t.Context(), o.ID, "ben@example.com", now.Version); err != nil {
			t.Fatal(err)
		}
		r.digest(ana.ID)
		if got := to(r.send(), ana.Email); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhoIsDisabledHearsNothing(t *testing.T) {
	eachMail(t, func(t *testing.T, r *mailRig) {
		ana := r.person("ana@example.com", "en", models.NoticeReview)
		r.inReview()
		err := r.store.InTx(t.Context(), func(tx *models.Tx) error {
			p, err := tx.LockStaff(t.Context(), ana.ID)
			if err != nil {
				return err
			}
			now := tx.Now()
			p.DisabledAt = &now
			return tx.SaveStaff(t.Context(), p)
		})
		if err != nil {
			t.Fatal(err)
		}
		r.digest(ana.ID)
		if got := to(r.send(), ana.Email); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
}

func TestBackupsThatAreMissingAreToldOnceEachTime(t *testing.T) {
	eachMail(t, func(t *testing.T, r *mailRig) {
		ana := r.person("ana@example.com", "es", models.NoticeBackup)
		week := 7 * 24 * time.Hour
		look := func() int {
			if err := r.svc.NoticeBackup(t.Context(), week); err != nil {
				t.Fatal(err)
			}
			r.digest(ana.ID)
			return len(to(r.send(), ana.Email))
		}
		want := 1
		if r.store.Dialect() == models.Postgres {
			want = 0 // until it was told of one, the shop does not know
		}
		if n := look(); n != want {
			t.Fatalf("%d mails about no backup at all, want %d", n, want)
		}
		r.clock.move(time.Hour)
		err := r.store.InTx(t.Context(), func(tx *models.Tx) error { return tx.RecordBackup(t.Context(), 4096, "terminal") })
		if err != nil {
			t.Fatal(err)
		}
		r.clock.move(6 * 24 * time.Hour)
		if n := look(); n != 0 {
			t.Errorf("%d mails about a backup of this week", n)
		}
		r.clock.move(36 * time.Hour)
		if n := look() + look(); n != 1 {
			t.Errorf("%d mails about an old backup", n)
		}
	})
}

// The cause, the notice and its job are one transaction, and the queue does the rest.
func TestANoticeComesWithItsCauseAndByTheQueue(t *testing.T) {
	eachMail(t, func(t *testing.T, r *mailRig) {
		ana := r.person("ana@example.com", "en", models.NoticeExchanger)
		tell := func(after error) error {
			return r.store.InTx(context.Background(), func(tx *models.Tx) error {
				if err := r.svc.NotifyMerchant(context.Background(), tx, models.NoticeExchanger, nil, "down/1", map[string]string{"site": "coinsbar.net"}); err != nil {
					return err
				}
				return after
			})
		}
		wrong := errors.New("rolled back")
		if err := tell(wrong); !errors.Is(err, wrong) {
			t.Fatal(err)
		}
		depth, err := r.store.QueueDepth(t.Context())
		if err != nil || len(depth) != 0 {
			t.Fatalf("%+v, %v", depth, err)
		}
		if err := tell(nil); err != nil {
			t.Fatal(err)
		}
		if depth, err = r.store.QueueDepth(t.Context()); err != nil || len(depth) != 1 || depth[0].Kind != (checkout.DigestArgs{}).Kind() {
			t.Fatalf("%+v, %v", depth, err)
		}
		q, err := Start(t.Context(), Deps{Store: r.store, Service: r.svc, Config: r.cfg, Mail: r.mails.Send, Digest: r.mails.Digest})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stopQueue(t, q) })
		wait(t, "both digests", func() bool { return len(r.smtp.mails()) == 2 })
		var all []letter
		for _, m := range r.smtp.mails() {
			all = append(all, read(t, m))
		}
		if got := to(all, ana.Email)[0]; got.subject != "coinsbar.net does not answer" || !strings.Contains(got.text, "/admin/health") {
			t.Errorf("%+v", got)
		}
	})
}

func TestAnInvitationIsMailedAndItsLinkIsKeptSealed(t *testing.T) {
	eachMail(t, func(t *testing.T, r *mailRig) {
		p := r.person("new@example.com", "ru")
		err := r.store.InTx(t.Context(), func(tx *models.Tx) error {
			return r.svc.MailInvitation(t.Context(), tx, p, "ana@example.com", "/admin/invite?ticket=SECRET")
		})
		if err != nil {
			t.Fatal(err)
		}
		if m := r.mail(1); strings.Contains(m.Data, "SECRET") {
			t.Errorf("the link is kept in clear: %s", m.Data)
		}
		got := r.send()
		if len(got) != 1 || !strings.Contains(got[0].text, "https://shop.example/admin/invite?ticket=SECRET") || !strings.Contains(got[0].subject, "приглашают") || !strings.Contains(got[0].text, "ana@example.com") {
			t.Errorf("%+v", got)
		}
	})
}
