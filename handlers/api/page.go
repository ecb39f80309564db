package api

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"

	"mostrador/checkout"
)

// before reads a cursor: the id of the last row of the page before; 0 without one.
func (p Paging) before() (int64, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err == nil {
		if rest, ok := strings.CutPrefix(string(raw), "id:"); ok {
			if n, err := strconv.ParseInt(rest, 10, 64); err == nil && n > 0 {
				return n, nil
			}
		}
	}
	return 0, wrong("query.cursor", "cursor_invalid", "A cursor is the next_cursor of the page before.")
}

// page makes a page of rows, of which one more than limit was read where there is more.
func page[R, T any](rows []R, limit int, id func(*R) int64, show func(*R) (T, error)) (list[T], error) {
	out := list[T]{Data: []T{}}
	if len(rows) > limit {
		rows = rows[:limit]
		next := base64.RawURLEncoding.EncodeToString([]byte("id:" + strconv.FormatInt(id(&rows[limit-1]), 10)))
		out.NextCursor = &next
	}
	for i := range rows {
		t, err := show(&rows[i])
		if err != nil {
			return out, err
		}
		out.Data = append(out.Data, t)
	}
	return out, nil
}

// texts is text for pairs of a location and its text.
func texts(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := text(pairs[i], pairs[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// joined is all that a map says, for text.
func joined(m map[string]string) string {
	var b strings.Builder
	for k, v := range m {
		b.WriteString(k + v)
	}
	return b.String()
}

// text refuses what cannot be kept.
func text(location, s string) error {
	if checkout.Storable(s) {
		return nil
	}
	return wrong(location, "text_invalid", "This text has signs in it that cannot be kept.")
}

var publicID = regexp.MustCompile(`^[a-z]{2,4}_[a-z0-9]{8,40}$`)

// orderNumber reads the id of an order: ord_1042, or the number alone.
func orderNumber(id string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(id, "ord_"), 10, 64)
	return n, err == nil && n > 0
}
