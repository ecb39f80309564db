package app

import (
	"context"
	"fmt"
	"slices"

	"mostrador/models"
)

// parseMigrate reads: migrate up|down|status.
func parseMigrate(args []string) (run, error) {
	words, err := parseFlags(flags(), args, 1)
	if err != nil || !slices.Contains([]string{"up", "down", "status"}, words[0]) {
		return nil, orUsage(err, "migrate wants up, down or status")
	}
	return func(ctx context.Context, p *program) error { return migrate(ctx, p, words[0]) }, nil
}

// orUsage keeps a request for help and says for everything else what the command wants.
func orUsage(err error, what string) error {
	if err != nil {
		if _, ok := err.(*usageError); !ok { //nolint:errorlint // parseFlags wraps nothing
			return err
		}
		what += " (" + err.Error() + ")"
	}
	return &usageError{what}
}

// migrate changes or shows the schema. It needs no key.
func migrate(ctx context.Context, p *program, way string) error {
	if way == "down" {
		release, err := lockDatabase(p.cfg) // a running shop would lose its tables
		if err != nil {
			return err
		}
		defer release()
	}
	store, err := models.Open(ctx, p.cfg.Database.URL, models.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	switch way {
	case "up":
		err = store.Migrate(ctx)
	case "down":
		err = store.MigrateDown(ctx)
	default:
		err = store.NotNewer(ctx)
	}
	if err != nil {
		return err
	}
	list, err := store.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range list {
		state := "pending"
		if m.Applied {
			state = "applied"
		}
		fmt.Fprintf(p.stdout, "%s  %s\n", state, m.Name)
	}
	return nil
}
