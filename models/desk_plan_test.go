package models_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// walksAll matches a step that reads every row of a large table: a walk along an index in the list's own order is none, it ends with the page.
var walksAll = map[string]*regexp.Regexp{
	models.SQLite:   regexp.MustCompile(`(?m)^SCAN (orders|payments|order_lines|p|x)\s*$`),
	models.Postgres: regexp.MustCompile(`Seq Scan on (orders|payments)\b`),
}

func TestNoListOfOrdersReadsTheWholeTable(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		seed(t, store, 6000)
		day := time.Now().UTC().Truncate(24 * time.Hour)
		after := fmt.Sprintf("%d.%d", day.UnixMicro(), 3000)
		for name, q := range map[string]models.DeskQuery{
			"the first page":               {},
			"a later page":                 {After: after},
			"by number":                    {Sort: models.ByNumber},
			"by number, a later page":      {Sort: models.ByNumber, After: "4000.3000"},
			"by total, rising":             {Sort: models.ByTotal, Rising: true},
			"by total, a later page":       {Sort: models.ByTotal, After: "40000.3000"},
			"one status":                   {Statuses: []string{"review"}},
			"one currency":                 {Route: "BTC"},
			"one source":                   {Source: "link"},
			"days":                         {From: day.Add(-24 * time.Hour), Before: day},
			"a number":                     {Text: "1042"},
			"a uid":                        {Text: "101042"},
			"an orderId":                   {Text: "6745f1c20b80b7b4cd75a901"},
			"an amount":                    {Text: "64.00"},
			"an e-mail":                    {Text: "customer17@example.com"},
			"the beginning of an e-mail":   {Text: "customer17"},
			"a status and an e-mail":       {Text: "customer17@example.com", Statuses: []string{"paid"}},
			"flags, which few orders have": {Flag: "late"},
		} {
			q.Limit, q.Currency = 51, "USD"
			plan, err := store.DeskPlanForTest(t.Context(), q)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if walksAll[store.Dialect()].MatchString(plan) {
				t.Errorf("%s reads everything:\n%s", name, plan)
			}
		}
	})
}

func TestSalesAreSummedFromAnIndex(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		seed(t, store, 6000)
		now := time.Now().UTC()
		plan, err := store.PlanForTest(t.Context(), "SELECT COUNT(*), SUM(total) FROM orders WHERE status = 'paid' AND currency = ? AND paid_at >= ? AND paid_at < ?", "USD", now.Add(-time.Hour), now)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, "orders_sales") && !strings.Contains(plan, "orders_paid") {
			t.Errorf("sales are summed without their index:\n%s", plan)
		}
	})
}

func TestPagesOfOrdersHoldEachOrderOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		seed(t, store, 400)
		for _, sort := range []string{models.ByCreated, models.ByNumber, models.ByTotal} {
			for _, rising := range []bool{false, true} {
				q := models.DeskQuery{Sort: sort, Rising: rising, Limit: 3, Statuses: []string{"open", "paid"}}
				seen, pages := map[int64]bool{}, 0
				for {
					list, err := store.DeskOrders(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					if len(list) == 0 {
						break
					}
					for i := range list {
						if seen[list[i].ID] {
							t.Fatalf("%s, rising %v: order %d stands on two pages", sort, rising, list[i].Number)
						}
						seen[list[i].ID] = true
					}
					pages++
					q.After = list[len(list)-1].Key(sort)
				}
				whole, err := store.DeskOrders(t.Context(), models.DeskQuery{Statuses: q.Statuses, Limit: 10000})
				if err != nil {
					t.Fatal(err)
				}
				if len(whole) != len(seen) || pages < 10 {
					t.Errorf("%s, rising %v: %d orders on %d pages, there are %d", sort, rising, len(seen), pages, len(whole))
				}
			}
		}
	})
}
