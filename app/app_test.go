package app

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/config"
	"mostrador/models/modelstest"
)

func TestConfigMayStandAnywhere(t *testing.T) {
	for _, tt := range []struct {
		name, args, path, rest string
		given                  bool
	}{
		{"nothing", "", "config.yaml", "", false},
		{"before the command", "--config a.yaml serve", "a.yaml", "serve", true},
		{"behind its words", "explain 1001 --config=a.yaml", "a.yaml", "explain 1001", true},
		{"with one dash", "backup -config a.yaml x.db", "a.yaml", "backup x.db", true},
		{"not behind a lone --", "backup -- --config", "config.yaml", "backup --config", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path, given, rest, err := takeConfig(strings.Fields(tt.args))
			if err != nil || path != tt.path || given != tt.given || !slices.Equal(rest, strings.Fields(tt.rest)) {
				t.Errorf("%q %v %q %v", path, given, rest, err)
			}
		})
	}
}

func TestTheLanguageOfTheTerminal(t *testing.T) {
	for env, want := range map[string]string{"": "en", "LANG=es_ES.UTF-8": "es", "LANG=ru": "ru", "LANG=C": "en", "LANG=fr_FR": "en", "LANG=es_MX LC_ALL=ru_RU.UTF-8": "ru"} {
		if got := language(strings.Fields(env)); got != want {
			t.Errorf("%q: %s, want %s", env, got, want)
		}
	}
}

// TestAShopInThisProcess starts and stops the whole shop on both databases, with its metrics.
func TestAShopInThisProcess(t *testing.T) {
	for name, address := range map[string]string{"sqlite": modelstest.SQLite(t), "postgres": modelstest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Server.Listen, cfg.Sandbox.Listen, cfg.Server.MetricsListen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
			cfg.Database.URL, cfg.Security.KeyFile, cfg.Shop.Demo = address, filepath.Join(t.TempDir(), "secret.key"), true
			shop, err := Start(t.Context(), cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			for _, url := range []string{shop.URL + "/readyz", shop.URL + "/", shop.SandboxURL + "/control", shop.MetricsURL} {
				body := get(t, url)
				if url == shop.MetricsURL && (!strings.Contains(body, "mostrador_database_up 1") || !strings.Contains(body, `mostrador_http_requests_total{method="GET",route="/readyz",status="200"}`)) {
					t.Errorf("metrics say:\n%s", body)
				}
			}
			products, err := shop.Store.Products(t.Context())
			if err != nil || len(products) < 8 {
				t.Errorf("the demo has %d products, %v", len(products), err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if err := shop.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", url, resp.StatusCode, err)
	}
	return b.String()
}
