package checkout

import (
	"context"
	"encoding/json"
	"fmt"

	"mostrador/models"
)

// LetterData is the data of a mail to somebody of the desk that is about no order.
type LetterData struct {
	Kind string            `json:"kind"`           // texts: merchant.KIND.subject, .title, .lead, .button
	Path string            `json:"path,omitempty"` // where the button leads, below the shop's address; "": the payouts
	Link []byte            `json:"link,omitempty"` // the same, sealed, where it holds a secret
	Args map[string]string `json:"args"`
}

func linkPlace(once string) string { return "mails.link:" + once }

// OpenLink gives where the button of a letter leads.
func (d LetterData) OpenLink(v *models.Vault, once string) (string, error) {
	if len(d.Link) == 0 {
		return d.Path, nil
	}
	path, err := v.Open(linkPlace(once), d.Link)
	return string(path), err
}

// MailInvitation writes to somebody who was invited to the desk, in the transaction that invites them. path leads to where they choose a
// password, below the shop's address; it is kept sealed. Without mail.url nothing is written.
func (s *Service) MailInvitation(ctx context.Context, tx *models.Tx, p *models.Staff, by, path string) error {
	once := fmt.Sprintf("invite/%d/%s", p.ID, models.Digest(path)[:16])
	data, err := json.Marshal(LetterData{Kind: "invite", Link: tx.Vault().Seal(linkPlace(once), []byte(path)), Args: map[string]string{"who": by, "email": p.Email}})
	if err != nil {
		return fmt.Errorf("write invitation: %w", err)
	}
	lang := p.Lang
	if lang == "" && len(s.opt.Languages) > 0 {
		lang = s.opt.Languages[0]
	}
	return s.mailData(ctx, tx, MailMerchant, nil, p.Email, lang, once, string(data))
}
