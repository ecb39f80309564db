package admin_test

import (
	"strings"
	"testing"
	"time"

	"mostrador/config"
	"mostrador/models"
	"mostrador/staff"
)

func TestTheStateSaysWhenBackupsAreMissing(t *testing.T) {
	live := func(c *config.Config) { c.Exchanger.Mode = config.ModeLive }
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		ana := d.in("ana@shop.example")
		missing := func() bool {
			return strings.Contains(ana.get("/admin/health").want(t, 200, "Backups").text(), "Backups are missing")
		}
		if d.store.SeesBackups() {
			if !missing() {
				t.Error("no backup at all is not missed")
			}
			ana.get("/admin").want(t, 200, "The database has never had a backup.")
		} else {
			if missing() || strings.Contains(ana.get("/admin").text(), "has never had a backup") {
				t.Error("what the shop cannot know is called missing")
			}
			ana.get("/admin/health").want(t, 200, "mostrador backup --made")
		}
		if err := d.store.InTx(t.Context(), func(tx *models.Tx) error { return tx.RecordBackup(t.Context(), 0, "terminal") }); err != nil {
			t.Fatal(err)
		}
		ana.get("/admin/health").want(t, 200, "told of, on 2026-11-24 12:00")
		err := d.store.InTx(t.Context(), func(tx *models.Tx) error { return tx.RecordBackup(t.Context(), 12_345_678, "terminal") })
		if err != nil {
			t.Fatal(err)
		}
		ana.get("/admin/health").want(t, 200, "last one 2026-11-24 12:00, 12.3 MB")
		d.clock.move(6 * 24 * time.Hour)
		ana = d.in("ana@shop.example")
		if missing() {
			t.Error("a backup of this week is missed")
		}
		d.clock.move(2 * 24 * time.Hour)
		ana = d.in("ana@shop.example")
		if !missing() {
			t.Error("an old backup is not missed")
		}
		ana.get("/admin").want(t, 200, "The database has had no backup for too long.")
	}, live)
}

func TestNoBackupIsNoGreenCheck(t *testing.T) {
	for mode, want := range map[string]string{config.ModeSandbox: "", config.ModeLive: "warn"} {
		each(t, func(t *testing.T, d *desk) {
			d.person("ana@shop.example", staff.Owner)
			ana := d.in("ana@shop.example")
			state := func() string {
				before, _, found := strings.Cut(ana.get("/admin/health").want(t, 200).body, `<span class="c-what">Backups</span>`)
				if !found {
					t.Fatal("no line about backups")
				}
				for _, state := range []string{"ok", "warn", "bad"} {
					if strings.HasPrefix(before[strings.LastIndex(before, "</li>"):], `</li><li class="`+state+`">`) {
						return state
					}
				}
				return ""
			}
			want := want
			if d.store.Dialect() == models.Postgres {
				want = "" // it has tools of its own
			}
			if got := state(); got != want {
				t.Errorf("%s: never backed up is shown as %q, want %q", mode, got, want)
			}
			if err := d.store.InTx(t.Context(), func(tx *models.Tx) error { return tx.RecordBackup(t.Context(), 1, "terminal") }); err != nil {
				t.Fatal(err)
			}
			if got := state(); got != "ok" {
				t.Errorf("%s: backed up is shown as %q", mode, got)
			}
		}, func(c *config.Config) { c.Exchanger.Mode, c.Database.BackupEvery = mode, 0 })
	}
}
