package app

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/models/modelstest"
)

// TestDoctorNamesWhateverElseIsWrong runs the command's checks on a shop that is well, and on one where each of them has something to find: one line each,
// with what to do.
func TestDoctorNamesWhateverElseIsWrong(t *testing.T) {
	for name, address := range map[string]string{"sqlite": modelstest.SQLite(t), "postgres": modelstest.EmptyPostgres(t)} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			off, list, shut := time.Duration(0), `{"routeId":"5d8e6002b80b7b4cd75a0001","show":true,"from":{"name":"Litecoin","xml":"LTC"},"to":{"name":"WMZ","xml":"WMZ"},"rate":{"in":"1","out":"80","amount":"1000"}}`, false
			there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
				switch {
				case r.URL.Path == "/healthz":
				case shut:
					w.WriteHeader(http.StatusBadGateway)
				default:
					fmt.Fprintf(w, `{"success":true,"data":{"routes":[%s]}}`, list)
				}
			}))
			defer there.Close()
			cfg := config.Default()
			cfg.Exchanger.Mode, cfg.Exchanger.Sites = config.ModeLive, []config.Site{{Name: "box", BaseURL: there.URL, APIPath: config.DefaultAPIPath}}
			cfg.Payouts = []config.Payout{{Currency: "WMZ", Rate: decimal.NewFromInt(1), Values: map[string]string{"wallet": "Z1"}}}
			cfg.Server.PublicURL, cfg.Database.URL, cfg.Security.KeyFile = there.URL, address, filepath.Join(t.TempDir(), "secret.key")
			if err := os.WriteFile(cfg.Security.KeyFile, []byte(strings.Repeat("07", 32)+"\n"), 0o600); err != nil { // that of modelstest
				t.Fatal(err)
			}
			store := modelstest.Open(t, address, nil)
			examine := func() (string, error) {
				var out bytes.Buffer
				err := doctor(context.WithoutCancel(ctx), &program{cfg: cfg, stdout: &out, stderr: &out})
				return out.String(), err
			}
			if out, err := examine(); err != nil || strings.Contains(out, "FAIL") {
				t.Fatalf("of a shop that is well doctor says %v:\n%s", err, out)
			}
			stock := int64(3)
			err := store.InTx(ctx, func(tx *models.Tx) error {
				if err := tx.Enqueue(ctx, checkout.DigestArgs{Person: 1}, nil); err != nil {
					return err
				}
				return tx.InsertProduct(ctx, &models.Product{Slug: "lamp", Title: models.Texts{"en": "Lamp"}.JSON(), Summary: "{}", Description: "{}", Price: 2500, Stock: &stock})
			})
			if err != nil {
				t.Fatal(err)
			}
			hour := time.Now().Add(-time.Hour).UTC().Format("2006-01-02 15:04:05")
			modelstest.Behind(t, address, "UPDATE river_job SET scheduled_at = '"+hour+"'")
			modelstest.Behind(t, address, "UPDATE products SET held = 2")
			modelstest.Behind(t, address, "INSERT INTO placed_sums (span, hour, orders, paid) VALUES (1, 480000, 3, 0)")
			off, cfg.Payouts[0].Currency = 2*time.Hour, "USDTTRC20"
			out, err := examine()
			for _, want := range [][2]string{{"1 jobs have been due", "restart it"}, {"product lamp holds 2 pieces, open orders hold 0", "compare /admin/products"}, {"is not the sum of the orders", "0007_million"},
				{"its clock differs from ours by 2h", "NTP"}, {"payout USDTTRC20: no exchanger has a route to it", "correct the currency's code"}} {
				if !slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool {
					return strings.HasPrefix(line, "FAIL") && strings.Contains(line, want[0]) && strings.Contains(line, want[1])
				}) {
					t.Errorf("doctor does not say %q and %q:\n%s", want[0], want[1], out)
				}
			}
			if err == nil || !strings.Contains(out, "5 of the checks failed") {
				t.Errorf("it ends with %v:\n%s", err, out)
			}
			list = ""
			if out, err = examine(); err == nil || !strings.Contains(out, "FAIL  exchanger box: its list of routes is empty: ask the exchanger") {
				t.Errorf("of an empty list doctor says %v:\n%s", err, out)
			}
			shut = true
			if out, err = examine(); err == nil || !strings.Contains(out, "FAIL  exchanger box: its API does not answer") {
				t.Errorf("of an exchanger that is away doctor says %v:\n%s", err, out)
			}
			modelstest.Behind(t, address, "DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)")
			if out, err = examine(); err == nil || !strings.Contains(out, "run mostrador migrate up") {
				t.Errorf("of a migration that is pending doctor says %v:\n%s", err, out)
			}
		})
	}
}
