package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/riverqueue/river"

	"mostrador/models"
)

// DeliverArgs asks for one delivery of a webhook.
type DeliverArgs struct {
	DeliveryID int64 `json:"delivery_id" river:"unique"`
}

// Kind names the job.
func (DeliverArgs) Kind() string { return "deliver" }

// MailArgs asks for one mail to be sent.
type MailArgs struct {
	MailID int64 `json:"mail_id" river:"unique"`
}

// Kind names the job.
func (MailArgs) Kind() string { return "mail" }

// DigestArgs asks for the digest of what a person is to be told: staff, or 0 for the address of notify.email.
type DigestArgs struct {
	Person int64 `json:"person"`
}

// Kind names the job.
func (DigestArgs) Kind() string { return "digest" }

// InsertOpts puts digests beside the mails that they become.
func (DigestArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMail, MaxAttempts: 12}
}

// Queues of the jobs.
const (
	QueueWebhooks = "webhooks"
	QueueMail     = "mail"
)

// InsertOpts gives deliveries a queue of their own: a slow endpoint holds up no mail.
func (DeliverArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueWebhooks, MaxAttempts: 60}
}

// InsertOpts gives mails a queue of their own.
func (MailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMail, MaxAttempts: 12}
}

// Kinds of mail.
const (
	MailPlaced    = "placed"
	MailPaid      = "paid"
	MailAttention = "attention" // underpaid, review, late: something the customer should know
	MailReturned  = "returned"
	MailExpired   = "expired" // closed unpaid
	MailRest      = "rest"    // staff asks for the rest
	MailRefunded  = "refunded"
	MailRefused   = "refund_refused" // the money that the customer asked for is not sent; the data names the refund
	MailFind      = "find"           // the address of the order page again
	MailReceipt   = "receipt"        // staff sends it again
	MailMerchant  = "merchant"       // the owners should know at once: who is paid was changed
	MailDigest    = "digest"         // what needs a person, gathered
)

// emit stores a change of an order for the API, makes the deliveries of it and writes to the customer, all in the transaction of the change. list are
// the order's payments as they are now.
func (s *Service) emit(ctx context.Context, tx *models.Tx, o *models.Order, list []models.Payment, kind string) error {
	if err := s.mailFor(ctx, tx, o, kind); err != nil {
		return err
	}
	return s.tell(ctx, tx, o, list, kind)
}

// tell is emit without mail.
func (s *Service) tell(ctx context.Context, tx *models.Tx, o *models.Order, list []models.Payment, kind string) error {
	d, err := s.document(ctx, o, list)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write order: %w", err)
	}
	ids, err := tx.Publish(ctx, &models.OrderEvent{OrderID: o.ID, Type: "order." + kind, Version: o.Version, Data: string(raw)})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.Enqueue(ctx, DeliverArgs{DeliveryID: id}, nil); err != nil {
			return err
		}
	}
	return nil
}

// mailFor writes what a change of the order means for the customer, and tells the merchant where a person is needed.
func (s *Service) mailFor(ctx context.Context, tx *models.Tx, o *models.Order, kind string) error {
	customer := map[string]string{"created": MailPlaced, Paid: MailPaid, Underpaid: MailAttention, Review: MailAttention, Returned: MailReturned, Expired: MailExpired, "refunded": MailRefunded}[kind]
	if customer != "" && o.Email != "" {
		once := fmt.Sprintf("%s/%d/%d", customer, o.ID, o.Version)
		if customer == MailExpired {
			once = fmt.Sprintf("%s/%d", customer, o.ID) // an order closes once, whatever is learnt of its payments afterwards
		}
		if err := s.Mail(ctx, tx, customer, o, o.Email, once); err != nil {
			return err
		}
	}
	return s.noticeOrder(ctx, tx, o, kind)
}

// Mail writes one mail about an order; the same once is written one time only. Without mail.url nothing is written.
func (s *Service) Mail(ctx context.Context, tx *models.Tx, kind string, o *models.Order, to, once string) error {
	return s.mailData(ctx, tx, kind, o, to, o.Lang, once, "{}")
}

func (s *Service) mailData(ctx context.Context, tx *models.Tx, kind string, o *models.Order, to, lang, once, data string) error {
	if !s.opt.MailOn || strings.TrimSpace(to) == "" {
		return nil
	}
	m := models.Mail{Once: once, Kind: kind, Recipient: to, Lang: lang, Data: data}
	if o != nil {
		m.OrderID = &o.ID
	}
	fresh, err := tx.InsertMail(ctx, &m)
	if err != nil || !fresh {
		return err
	}
	return tx.Enqueue(ctx, MailArgs{MailID: m.ID}, nil)
}
