package models

import (
	"context"
	"time"
)

// ShopSettings are what a merchant changes at /admin/settings. An empty value leaves the word to config.yaml.
type ShopSettings struct {
	Name         string   `json:"name,omitempty"`          // else shop.name
	SupportEmail string   `json:"support_email,omitempty"` // else shop.support_email
	TermsURL     string   `json:"terms_url,omitempty"`     // else shop.terms_url
	Languages    []string `json:"languages,omitempty"`     // else shop.languages; in order of preference
	Accent       string   `json:"accent,omitempty"`        // colour as views.ThemeCSS reads it; "": the default
	Heading      Texts    `json:"heading,omitempty"`       // catalogue's heading by language; "": the default
	Intro        Texts    `json:"intro,omitempty"`         // below it
	MailsOff     []string `json:"mails_off,omitempty"`     // kinds of mail to customers that are not sent
	MailFooter   Texts    `json:"mail_footer,omitempty"`   // last line of every mail to a customer, by language

	Version   int64     `json:"version"` // grows by one with each change
	UpdatedAt time.Time `json:"updated_at"`
	UpdatedBy string    `json:"updated_by"`
}

// MailOff tells whether the merchant switched a kind of mail off.
func (s ShopSettings) MailOff(kind string) bool {
	for _, k := range s.MailsOff {
		if k == kind {
			return true
		}
	}
	return false
}

const shopSettingsKey = "shop"

// ShopSettings reads the merchant's settings; the zero value when nothing was ever changed.
func (s *Store) ShopSettings(ctx context.Context) (ShopSettings, error) {
	var v ShopSettings
	_, err := s.Setting(ctx, shopSettingsKey, &v)
	return v, err
}

// PutShopSettings writes the settings that were read at v.Version. The error is ErrChanged when another version stands there by now.
func (tx *Tx) PutShopSettings(ctx context.Context, v ShopSettings, who string) error {
	// The row is made first, so that there is one to lock and two writers meet on it.
	err := tx.db.WithContext(ctx).Exec("INSERT INTO settings (key, value, updated_at, updated_by) VALUES (?, '{}', ?, ?) ON CONFLICT (key) DO UPDATE SET updated_by = settings.updated_by",
		shopSettingsKey, tx.now, who).Error
	if err != nil {
		return translate(err)
	}
	var now ShopSettings
	if _, err := tx.Setting(ctx, shopSettingsKey, &now); err != nil {
		return err
	}
	if now.Version != v.Version {
		return ErrChanged
	}
	v.Version++
	v.UpdatedAt, v.UpdatedBy = tx.now, who
	return tx.PutSetting(ctx, shopSettingsKey, v, who)
}
