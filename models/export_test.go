package models

import "context"

// ExecForTest runs a statement on the writer, past everything that guards it.
func (s *Store) ExecForTest(ctx context.Context, q string) error {
	return s.writer.WithContext(ctx).Exec(q).Error
}

// ReadForTest runs a statement on the reader.
func (s *Store) ReadForTest(ctx context.Context, q string) error {
	return s.reader.WithContext(ctx).Exec(q).Error
}
