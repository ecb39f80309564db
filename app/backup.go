package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"mostrador/models"
	"mostrador/staff"
)

// parseBackup reads: backup FILE, or backup --made.
func parseBackup(args []string) (run, error) {
	f := flags()
	made := f.Bool("made", false, "")
	if words, err := parseFlags(f, args, 0); err == nil && *made && len(words) == 0 {
		return backupMade, nil
	}
	words, err := parseFlags(flags(), args, 1)
	if err != nil {
		return nil, orUsage(err, "backup wants the file to write, or --made after a backup by other tools")
	}
	return func(ctx context.Context, p *program) error { return backup(ctx, p, words[0]) }, nil
}

var errPostgresTools = errors.New("PostgreSQL has its own tools for this: use pg_dump and pg_restore, or continuous archiving (docs/operations.md); `mostrador backup --made` tells the desk of it")

// backup writes a consistent copy of an SQLite database, which may be in use. FILE appears whole or not at all, readable by its owner alone.
func backup(ctx context.Context, p *program, file string) error {
	if _, ok := sqliteFile(p.cfg); !ok {
		return errPostgresTools
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s exists already: a backup overwrites nothing", file)
	}
	store, err := openStore(ctx, p.cfg, slog.New(slog.DiscardHandler), opening{exists: true})
	if err != nil {
		return err
	}
	defer store.Close()
	if err := copyTo(ctx, store, file); err != nil {
		return err
	}
	if err := recordBackup(ctx, store, file); err != nil { // the copy is good all the same
		fmt.Fprintf(p.stderr, "The desk will not know of this backup: %v\n", err)
	}
	fmt.Fprintf(p.stdout, "%s holds the database. It does not hold the key file %s, without which its secrets cannot be read: keep a copy of that elsewhere.\n", file, p.cfg.Security.KeyFile)
	return nil
}

// backupMade notes that other tools made a backup: PostgreSQL's own, or those of the machine. What they made is not looked at.
func backupMade(ctx context.Context, p *program) error {
	store, err := openStore(ctx, p.cfg, slog.New(slog.DiscardHandler), opening{exists: true})
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.InTx(ctx, func(tx *models.Tx) error { return tx.RecordBackup(ctx, 0, staff.Terminal.Name) }); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "The desk knows that a backup was made now.")
	return nil
}

// recordBackup notes the backup in the database that was copied, so that the desk can say when backups are missing.
func recordBackup(ctx context.Context, store *models.Store, file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("look at backup: %w", err)
	}
	return store.InTx(ctx, func(tx *models.Tx) error { return tx.RecordBackup(ctx, info.Size(), staff.Terminal.Name) })
}

func copyTo(ctx context.Context, store *models.Store, file string) error {
	// CreateTemp makes it 0600, and in the folder of the file, so that the last step is within one file system.
	temp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".part-*")
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	defer os.Remove(temp.Name())
	defer temp.Close()
	if err := store.CopyTo(ctx, temp.Name()); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	// A link refuses a name that was taken meanwhile; a rename would not.
	if err := os.Link(temp.Name(), file); errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists already: a backup overwrites nothing", file)
	} else if err != nil {
		if err := os.Rename(temp.Name(), file); err != nil { // a file system without links
			return fmt.Errorf("write backup: %w", err)
		}
	}
	return syncDir(filepath.Dir(file))
}

// syncDir makes a new name in a folder survive a power cut, where the system can do so.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write folder: %w", err)
	}
	defer d.Close()
	_ = d.Sync() // some systems refuse it for folders; the name is there all the same
	return nil
}
