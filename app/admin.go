package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"mostrador/models"
	"mostrador/staff"
)

// parseAdmin reads: admin create --email E [--role R], admin reset --email E.
func parseAdmin(args []string) (run, error) {
	f := flags()
	email := f.String("email", "", "")
	role := f.String("role", "", "")
	words, err := parseFlags(f, args, 1)
	switch {
	case err != nil:
		return nil, orUsage(err, "admin wants create or reset, and --email")
	case words[0] != "create" && words[0] != "reset":
		return nil, &usageError{"admin wants create or reset, not " + words[0]}
	case *email == "":
		return nil, &usageError{"admin " + words[0] + " wants --email"}
	case words[0] == "reset" && *role != "":
		return nil, &usageError{"admin reset changes no role: see /admin/staff"}
	case *role != "" && !staff.Role(*role).Valid():
		return nil, &usageError{fmt.Sprintf("--role %q: want owner, manager or viewer", *role)}
	case *role == "":
		*role = string(staff.Owner)
	}
	return func(ctx context.Context, p *program) error {
		password, err := readPassword(p.stdin)
		if err != nil {
			return err
		}
		return withStaff(ctx, p, func(_ *models.Store, s *staff.Service) error {
			return setPassword(ctx, p, s, words[0], *email, staff.Role(*role), password)
		})
	}, nil
}

func setPassword(ctx context.Context, p *program, s *staff.Service, way, email string, role staff.Role, password string) error {
	if way == "reset" {
		person, err := s.Reset(ctx, staff.Terminal, email, password)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s has a new password; the second factor is off and every session has ended\n", person.Email)
		return nil
	}
	person, err := s.Create(ctx, staff.Terminal, email, role, password)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s can sign in at %s/admin/login as %s\n", person.Email, p.cfg.Server.PublicURL, person.Role)
	return nil
}

// readPassword reads one line. It is asked for on standard input, since arguments are seen by everybody on the machine.
func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("no password: give it on standard input, at least 12 characters in one line")
	}
	return line, nil
}

// withStaff opens the shop's database, made and migrated where that is needed, for what concerns its people.
func withStaff(ctx context.Context, p *program, do func(store *models.Store, s *staff.Service) error) error {
	store, err := openStore(ctx, p.cfg, slog.New(slog.DiscardHandler), opening{migrate: true})
	if err != nil {
		return err
	}
	defer store.Close()
	return do(store, staff.New(store, staff.Options{PublicURL: p.cfg.Server.PublicURL, Issuer: p.cfg.Shop.Name}))
}
