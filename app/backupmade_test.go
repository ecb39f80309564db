package app

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"mostrador/config"
	"mostrador/models/modelstest"
)

// TestABackupByOtherToolsIsToldOf holds for both databases: the shop cannot see what pg_dump or a snapshot made.
func TestABackupByOtherToolsIsToldOf(t *testing.T) {
	for _, wrong := range [][]string{{}, {"--made", "file"}, {"a", "b"}} {
		if _, err := parseBackup(wrong); err == nil {
			t.Errorf("backup %q is taken", wrong)
		}
	}
	for name, address := range map[string]string{"sqlite": modelstest.SQLite(t), "postgres": modelstest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Database.URL, cfg.Security.KeyFile = address, filepath.Join(t.TempDir(), "secret.key")
			store, err := openStore(t.Context(), cfg, slog.New(slog.DiscardHandler), opening{migrate: true})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			tell, err := parseBackup([]string{"--made"})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := tell(t.Context(), &program{cfg: cfg, stdout: &out, stderr: &out}); err != nil {
				t.Fatal(err, out.String())
			}
			if last, ok, err := store.LastBackup(t.Context()); err != nil || !ok || last.Size != 0 || !strings.Contains(out.String(), "The desk knows") {
				t.Errorf("%+v %v %v: %s", last, ok, err, out.String())
			}
		})
	}
}
