package models

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"mostrador/money"
)

// emailKey is an e-mail as the index orders_email_lower has it.
const emailKey = `lower(email) COLLATE "binary"`

func likeEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
}

// deskText finds what is searched for. What it can mean is decided by how it looks, and an index answers each meaning. All that was found is
// in ids where it is little; else dense is the condition that a walk along the list tries on each order, which soon finds a page.
func (s *Store) deskText(ctx context.Context, q *DeskQuery) (ids []int64, dense where, err error) {
	text := strings.ToLower(strings.TrimSpace(q.Text))
	q.Text = strings.TrimSpace(q.Text)
	if text == "" {
		return nil, dense, nil
	}
	ids = []int64{}
	var or where
	many := false
	look := func(condition statement, sql string, args ...any) error {
		n, err := s.countUpTo(ctx, few, statement{sql: sql, args: args})
		if err != nil || n == 0 {
			return err
		}
		if n > few {
			many = true
			or.and(condition.sql, condition.args...)
			return nil
		}
		var list []int64
		if err := s.read(ctx).Raw(sql+" LIMIT "+strconv.Itoa(few+1), args...).Scan(&list).Error; err != nil {
			return fmt.Errorf("search orders: %w", translate(err))
		}
		ids = append(ids, list...)
		return nil
	}
	if n, err := strconv.ParseInt(strings.TrimLeft(strings.TrimPrefix(text, "ord_"), "#№ "), 10, 64); err == nil {
		if err := look(statement{}, "SELECT id FROM orders WHERE number = ?", n); err != nil {
			return nil, dense, err
		}
	}
	if amount, err := money.Parse(strings.Fields(text)[0], q.Currency); err == nil && amount > 0 {
		if err := look(statement{sql: "x.total = ?", args: []any{amount}}, "SELECT id FROM orders"+s.by("orders_total")+" WHERE total = ?", amount); err != nil {
			return nil, dense, err
		}
	}
	if !strings.ContainsAny(text, " @") {
		if err := look(statement{sql: "1 = 0", args: nil}, "SELECT order_id FROM payments WHERE uid IN (?, ?)", text, q.Text); err != nil {
			return nil, dense, err
		}
		if err := look(statement{sql: "1 = 0", args: nil}, "SELECT order_id FROM payments WHERE exchange_id = ?", text); err != nil {
			return nil, dense, err
		}
	}
	if !strings.Contains(text, " ") {
		between := emailKey + " >= ? AND " + emailKey + " < ?"
		end := text + "\U0010FFFF"
		if err := look(statement{sql: "(" + between + ")", args: []any{text, end}}, "SELECT id FROM orders"+s.by("orders_email_lower")+" WHERE "+between, text, end); err != nil {
			return nil, dense, err
		}
	}
	like := "%" + likeEscape(text) + "%"
	var products []int64
	err = s.read(ctx).Raw(`SELECT id FROM products WHERE lower(title) LIKE ? ESCAPE '\' OR slug LIKE ? ESCAPE '\' ORDER BY id LIMIT 200`, like, like).Scan(&products).Error
	if err != nil {
		return nil, dense, fmt.Errorf("read products: %w", translate(err))
	}
	if len(products) > 0 { // no EXISTS: SQLite would make a join of it, and sort all that it joins
		err := look(statement{sql: "(SELECT 1 FROM order_lines l" + s.by("order_lines_position") + " WHERE l.order_id = x.id AND l.product_id IN ? LIMIT 1) IS NOT NULL", args: []any{products}}, "SELECT order_id FROM order_lines"+s.by("order_lines_product")+" WHERE product_id IN ?", products)
		if err != nil {
			return nil, dense, err
		}
	}
	if !many {
		return ids, dense, nil
	}
	if len(ids) > 0 {
		set := "SELECT value FROM json_each(?)"
		if s.dialect == Postgres {
			set = "SELECT CAST(v AS BIGINT) FROM jsonb_array_elements_text(CAST(? AS jsonb)) v"
		}
		or.and("x.id IN ("+set+")", idList(ids))
	}
	dense.and("("+strings.Join(or.parts, " OR ")+")", or.args...)
	return nil, dense, nil
}
