package admin

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/money"
	"mostrador/views/admin"
)

// backups is what is known of the database's backups.
type backups struct {
	last    *models.Backup // nil: none was ever made by the command
	missing bool           // none for as long as database.backup_every; never in sandbox mode, nor on PostgreSQL before one was told of
}

// backups tells when the last backup was made and whether a newer one is missed.
func (d *desk) backups(ctx context.Context) (backups, error) {
	last, ok, err := d.Store.LastBackup(ctx)
	if err != nil {
		return backups{}, err
	}
	var b backups
	if ok {
		b.last = &last
	}
	if every := d.Config.BackupEvery(); every > 0 {
		b.missing = !ok && d.Store.SeesBackups() || ok && d.Now().Sub(last.At) > every
	}
	return b, nil
}

// backupCheck is the line of the health page about backups.
func (d *desk) backupCheck(c echo.Context) (admin.Check, error) {
	b, err := d.backups(c.Request().Context())
	if err != nil {
		return admin.Check{}, err
	}
	check := admin.Check{What: text(c, "desk.health.backup"), Say: text(c, "desk.health.backup_never")}
	switch {
	case b.last != nil && b.last.Size == 0: // told of, not seen
		check.State, check.Say = "ok", text(c, "desk.health.backup_told", "when", d.moment(b.last.At).Text)
	case b.last != nil:
		check.State = "ok"
		check.Say = text(c, "desk.health.backup_last", "when", d.moment(b.last.At).Text, "size", megabytes(b.last.Size, langHere(c)))
	case !d.Store.SeesBackups():
		check.Say = text(c, "desk.health.backup_postgres") // neither well nor amiss: the shop cannot tell
	case d.Config.Live():
		check.State = "warn" // a rehearsal has nothing to lose
	}
	if b.missing {
		check.State = "bad"
		check.Say += " " + text(c, "desk.health.backup_missing", "every", span(c, d.Config.BackupEvery()))
	}
	return check, nil
}

// megabytes writes a size with one decimal in the habit of a language.
func megabytes(n int64, lang string) string {
	return money.Number(decimal.New(n, 0).DivRound(decimal.New(1_000_000, 0), 1).StringFixed(1), lang)
}

// span writes a duration in the largest unit that divides it.
func span(c echo.Context, d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		key  string
	}{{24 * time.Hour, "desk.days"}, {time.Hour, "desk.hours"}, {time.Minute, "desk.minutes"}} {
		if d >= u.unit && d%u.unit == 0 {
			return plural(c, u.key, int(d/u.unit))
		}
	}
	return plural(c, "desk.seconds", int(d.Seconds()))
}
