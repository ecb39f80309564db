package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"mostrador/config"
	"mostrador/models"
)

// parseRestore reads: restore FILE.
func parseRestore(args []string) (run, error) {
	words, err := parseFlags(flags(), args, 1)
	if err != nil {
		return nil, orUsage(err, "restore wants the file that backup wrote")
	}
	return func(ctx context.Context, p *program) error { return restore(ctx, p, words[0]) }, nil
}

// restore puts a copy in the place of the database, once it is known to be good. Nothing is touched before, and the database that was there is kept.
func restore(ctx context.Context, p *program, file string) error {
	path, ok := sqliteFile(p.cfg)
	if !ok {
		return errPostgresTools
	}
	release, err := lockDatabase(p.cfg)
	if errors.Is(err, errLocked) {
		return errors.New("the shop runs: stop it first, then restore")
	}
	if err != nil {
		return err
	}
	defer release()
	fresh, err := copyBeside(file, path)
	if err != nil {
		return err
	}
	defer removeDatabase(fresh)
	if err := checkBackup(ctx, p.cfg, fresh); err != nil {
		return fmt.Errorf("%s was not restored, the database is as it was: %w", file, err)
	}
	kept, err := keepOld(path)
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("put the copy in place: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s is the database now.\n", file)
	if kept != "" {
		fmt.Fprintf(p.stdout, "The one before is kept as %s.\n", kept)
	}
	fmt.Fprintln(p.stdout, "Start the shop: it asks the exchangers about every unsettled payment and catches up.")
	return nil
}

// copyBeside copies the backup next to the database: checking opens it for writing, and the backup itself stays as it is.
func copyBeside(file, path string) (string, error) {
	in, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("read backup: %w", err)
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("read backup: %s is no file", file)
	}
	if _, err := os.Stat(file + "-wal"); err == nil {
		return "", fmt.Errorf("%s has a -wal file beside it: it is a database in use and not what backup writes", file)
	}
	out, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".restoring-*")
	if err != nil {
		return "", fmt.Errorf("copy backup: %w", err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		os.Remove(out.Name())
		return "", fmt.Errorf("copy backup: %w", err)
	}
	return out.Name(), nil
}

// checkBackup opens the copy as the shop would and looks whether it can work with it.
func checkBackup(ctx context.Context, cfg config.Config, path string) (err error) {
	vault, err := models.OpenKeyFile(cfg.Security.KeyFile, false)
	if err != nil {
		return fmt.Errorf("the key file is needed to check it: %w", err)
	}
	store, err := models.Open(ctx, "sqlite:"+path, models.Options{Vault: vault, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("it is no database: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.CheckIntegrity(ctx); err != nil {
		return err
	}
	has, err := store.HasKey(ctx)
	if err != nil {
		return err
	}
	if !has {
		return errors.New("it is no database of Mostrador")
	}
	if err := store.NotNewer(ctx); err != nil {
		return err
	}
	return store.CheckKey(ctx)
}

// keepOld renames the present database, with the files that belong to it, and returns its new name; "" when there is none.
func keepOld(path string) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	kept := path + ".before-restore"
	for n := 2; ; n++ {
		if _, err := os.Lstat(kept); errors.Is(err, os.ErrNotExist) {
			break
		}
		kept = fmt.Sprintf("%s.before-restore-%d", path, n)
	}
	// The log goes first: a database without the log it had is older than it was, one with another's is broken.
	for _, end := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(path+end, kept+end); err != nil && !(errors.Is(err, os.ErrNotExist) && end != "") {
			return "", fmt.Errorf("keep the old database: %w", err)
		}
	}
	return kept, nil
}

func removeDatabase(path string) {
	for _, end := range []string{"", "-wal", "-shm"} {
		os.Remove(path + end) // renamed by now, or not wanted
	}
}
