package models

import "context"

// ExecForTest runs a statement on the writer, past everything that guards it.
func (s *Store) ExecForTest(ctx context.Context, q string) error {
	return s.writer.WithContext(ctx).Exec(q).Error
}

// ExecForTest runs a statement inside the transaction.
func (tx *Tx) ExecForTest(ctx context.Context, q string) error {
	return tx.db.WithContext(ctx).Exec(q).Error
}

// ReadForTest runs a statement on the reader.
func (s *Store) ReadForTest(ctx context.Context, q string) error {
	return s.reader.WithContext(ctx).Exec(q).Error
}

// NestForTest runs a statement inside its own rows, in one transaction.
func (s *Store) NestForTest(ctx context.Context, q string) error {
	tx, err := s.pools[0].BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for range 2 {
		rows, err := tx.QueryContext(ctx, q)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			inner, err := tx.QueryContext(ctx, q)
			if err != nil {
				return err
			}
			for inner.Next() {
			}
			if err := inner.Close(); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

// ScanForTest reads one row of a query.
func (s *Store) ScanForTest(ctx context.Context, q string, into ...any) error {
	return s.read(ctx).Raw(q).Row().Scan(into...)
}
