package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"mostrador/models"
	"mostrador/staff"
)

// parseAPIKey reads: apikey create --name N [--scopes S,S].
func parseAPIKey(args []string) (run, error) {
	f := flags()
	name := f.String("name", "", "")
	scopes := f.String("scopes", "", "")
	words, err := parseFlags(f, args, 1)
	switch {
	case err != nil || words[0] != "create":
		return nil, orUsage(err, "apikey wants create --name N")
	case strings.TrimSpace(*name) == "":
		return nil, &usageError{"apikey create wants --name"}
	}
	given := false
	f.Visit(func(x *flag.Flag) { given = given || x.Name == "scopes" })
	wanted := strings.FieldsFunc(*scopes, func(r rune) bool { return r == ',' || r == ' ' })
	if given && len(wanted) == 0 { // such as a variable that is not set: that gives no rights, and by no means all
		return nil, &usageError{"--scopes is empty: " + wantScopes()}
	}
	return func(ctx context.Context, p *program) error {
		return withStaff(ctx, p, func(_ *models.Store, s *staff.Service) error {
			text, key, err := s.CreateKey(ctx, staff.Terminal, *name, wanted)
			if errors.Is(err, staff.ErrScope) {
				return errors.New("--scopes: " + wantScopes())
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "%s may %s. This is the key; it is not shown again:\n%s\n", key.Name, strings.ReplaceAll(key.Scopes, " ", ", "), text)
			return nil
		})
	}, nil
}

func wantScopes() string { return "want some of " + strings.Join(staff.Scopes, ",") }
