package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"mostrador/exchanger"
	"mostrador/models"
)

// NotifyMerchant tells those who want to know of a kind of thing, in the transaction of its cause: every person of the desk who chose it,
// and the address of notify.email for the kinds of notify.on. They read it in their next digest. once names what it is about; o may be
// nil; words are what the texts of the kind fill in, never a secret.
func (s *Service) NotifyMerchant(ctx context.Context, tx *models.Tx, kind string, o *models.Order, once string, words map[string]string) error {
	if !s.opt.MailOn {
		return nil
	}
	data := []byte("{}")
	if len(words) > 0 {
		var err error
		if data, err = json.Marshal(words); err != nil {
			return fmt.Errorf("write notice: %w", err)
		}
	}
	people, err := s.toTell(ctx, tx, kind)
	if err != nil {
		return err
	}
	for _, person := range people {
		n := models.Notice{Once: fmt.Sprintf("%s/%d", once, person), Person: person, Kind: kind, Data: string(data)}
		if o != nil {
			n.OrderID = &o.ID
		}
		_, due, err := tx.InsertNotice(ctx, &n)
		if err != nil {
			return err
		}
		if due == nil {
			continue
		}
		// River keeps the real clock, the store may keep another.
		if err := tx.Enqueue(ctx, DigestArgs{Person: person}, &river.InsertOpts{ScheduledAt: time.Now().Add(due.Sub(tx.Now()))}); err != nil {
			return err
		}
	}
	return nil
}

// toTell gives the people to tell, in ascending order. The address of notify.email is 0, unless it is somebody's of the desk, who has
// chosen for themselves.
func (s *Service) toTell(ctx context.Context, tx *models.Tx, kind string) ([]int64, error) {
	var people []int64
	on := kind
	if kind == models.NoticeRefund {
		on = models.NoticeReview // notify.on has no word of its own for it: a person has to decide
	}
	if s.opt.NotifyEmail != "" && slices.Contains(s.opt.NotifyOn, on) {
		known, err := tx.HasActiveStaff(ctx, s.opt.NotifyEmail)
		if err != nil {
			return nil, err
		}
		if !known {
			people = append(people, 0)
		}
	}
	staff, err := tx.StaffToTell(ctx, kind)
	if err != nil {
		return nil, err
	}
	for i := range staff {
		people = append(people, staff[i].ID)
	}
	return people, nil
}

// noticeOrder tells of an order that needs a person.
func (s *Service) noticeOrder(ctx context.Context, tx *models.Tx, o *models.Order, kind string) error {
	switch {
	case kind == Review, kind == Underpaid:
	case kind == Paid && o.Accepted == "" && slices.Contains(o.FlagList(), FlagLate):
		kind = models.NoticeLate
	default:
		return nil
	}
	return s.NotifyMerchant(ctx, tx, kind, o, fmt.Sprintf("merchant/%s/%d/%d", kind, o.ID, o.Version), nil)
}

// noticePayment tells of a payment that hangs at the exchanger.
func (s *Service) noticePayment(ctx context.Context, tx *models.Tx, o *models.Order, before string, p *models.Payment) error {
	status := exchanger.Status(p.Status)
	if p.Status == before || status != exchanger.StatusErrorPayout && status != exchanger.StatusHold {
		return nil
	}
	return s.NotifyMerchant(ctx, tx, models.NoticeStuck, o, fmt.Sprintf("stuck/%d/%s/%d", p.ID, p.Status, p.Events), nil)
}

// noticeRefused tells of a notification with a wrong hash: once a day for each payment, since strangers may send any number.
func (s *Service) noticeRefused(ctx context.Context, tx *models.Tx, p *models.Payment) error {
	o, err := tx.LockOrder(ctx, p.OrderID)
	if err != nil {
		return err
	}
	return s.NotifyMerchant(ctx, tx, models.NoticeRefused, o, fmt.Sprintf("refused/%d/%s", p.ID, tx.Now().Format(time.DateOnly)), nil)
}

// NoticeBackup tells when no backup was made for too long, and again each time as long goes by. missing is how long after a backup the
// next is missed; 0: never. Of a database whose backups the shop does not see nothing is known before it was told of one.
func (s *Service) NoticeBackup(ctx context.Context, missing time.Duration) error {
	if missing <= 0 {
		return nil
	}
	last, ok, err := s.store.LastBackup(ctx)
	if err != nil {
		return err
	}
	if !ok && !s.store.SeesBackups() || ok && s.store.Now().Sub(last.At) < missing {
		return nil
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		return s.NotifyMerchant(ctx, tx, models.NoticeBackup, nil, fmt.Sprintf("backup/%d/%d", last.At.Unix(), tx.Now().Unix()/int64(missing.Seconds())), nil)
	})
}
