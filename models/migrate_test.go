package models_test

import (
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"mostrador/models"
	"mostrador/models/modelstest"
)

func TestMigrationsGoUpDownAndUpAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		if err := store.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		for {
			list, err := store.Migrations(ctx)
			if err != nil {
				t.Fatal(err)
			}
			applied := 0
			for _, m := range list {
				if m.Applied && !strings.HasPrefix(m.Name, "jobs/") {
					applied++
				}
			}
			if applied == 0 {
				break
			}
			if err := store.MigrateDown(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if err := store.Ready(ctx); err == nil {
			t.Fatal("ready without a schema")
		}
		if err := store.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if err := store.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		if err := store.CheckKey(ctx); err != nil {
			t.Fatal(err)
		}
	})
}

var (
	tableLine  = regexp.MustCompile(`(?m)^CREATE TABLE (\w+) \(((?s:.*?))^\);`)
	columnLine = regexp.MustCompile(`^\s+([a-z_]+)\s+[A-Z]`)
	indexLine  = regexp.MustCompile(`(?m)^CREATE (?:UNIQUE )?INDEX (\w+ ON .*);`)
)

// shape lists the tables with their columns and the indexes that a migration makes.
func shape(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range tableLine.FindAllStringSubmatch(string(raw), -1) {
		for _, line := range strings.Split(m[2], "\n") {
			if c := columnLine.FindStringSubmatch(line); c != nil {
				out = append(out, m[1]+"."+c[1])
			}
		}
	}
	for _, m := range indexLine.FindAllStringSubmatch(string(raw), -1) {
		out = append(out, m[1])
	}
	sort.Strings(out)
	return out
}

func TestMigrationsAreTwins(t *testing.T) {
	lite, err := filepath.Glob("migrations/sqlite/*.sql")
	if err != nil || len(lite) == 0 {
		t.Fatal("no migrations", err)
	}
	for _, file := range lite {
		twin := filepath.Join("migrations/postgres", filepath.Base(file))
		a, b := shape(t, file), shape(t, twin)
		if strings.Join(a, "\n") != strings.Join(b, "\n") {
			t.Errorf("%s and %s differ:\n%v\n%v", file, twin, a, b)
		}
	}
	post, _ := filepath.Glob("migrations/postgres/*.sql")
	if len(post) != len(lite) {
		t.Errorf("%d migrations for SQLite, %d for PostgreSQL", len(lite), len(post))
	}
}
