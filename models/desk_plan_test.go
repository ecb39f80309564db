package models_test

import (
	"context"
	"errors"
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
			"by total, a later page":       {Sort: models.ByTotal, After: fmt.Sprintf("40000.%d.3000", day.UnixMicro())},
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
			"chosen orders":                {Numbers: []int64{1001, 1042, 1100}},
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

func TestOtherListsReadAPageToo(t *testing.T) {
	whole := map[string]*regexp.Regexp{
		models.SQLite:   regexp.MustCompile(`SCAN (p|o|n|deliveries)\b|TEMP B-TREE`),
		models.Postgres: regexp.MustCompile(`Seq Scan on (staff_log|payments|orders)\b`),
	}
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		seed(t, store, 2000)
		day := time.Now().UTC().Truncate(24 * time.Hour)
		look := func(name, plan string, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if whole[store.Dialect()].MatchString(plan) {
				t.Errorf("%s reads everything:\n%s", name, plan)
			}
		}
		for name, f := range map[string]models.LogFilter{
			"the log": {}, "a later page": {After: 500}, "one person": {Who: "owner@example.com"}, "one thing done": {Action: "order.check"}, "one person and thing": {Who: "owner@example.com", Action: "order.check"},
			"one subject": {Subject: "1510"}, "days": {From: day.Add(-24 * time.Hour), Before: day},
		} {
			plan, err := store.LogPlanForTest(t.Context(), f)
			look(name, plan, err)
		}
		plan, err := store.HangingPlanForTest(t.Context())
		look("what hangs", plan, err)
	})
}

// TestNoLookOfTheDeskReadsAWholeTable asks the functions themselves: each statement that they send is planned.
func TestNoLookOfTheDeskReadsAWholeTable(t *testing.T) {
	const large = `(orders|payments|payment_events|order_events|order_lines|notifications|deliveries|exchange_calls|staff_log|refunds|mails|n|p|o|e|l|r)`
	whole := map[string]*regexp.Regexp{
		models.SQLite:   regexp.MustCompile(`(?m)^SCAN ` + large + `\s*$`),
		models.Postgres: regexp.MustCompile(`Seq Scan on ` + large + `\b`),
	}
	// The newest of all are read along the table itself, from its end: SQLite calls that a scan, and it stops with the page.
	walks := regexp.MustCompile(`(?m)^SCAN (n|deliveries)\s*$`)
	page := func(name string, f func(ctx context.Context, s *models.Store) error) func(t *testing.T, store *models.Store) {
		return func(t *testing.T, store *models.Store) {
			t.Helper()
			list, err := store.PlansForTest(t.Context(), func(s *models.Store) error { return f(t.Context(), s) })
			if err != nil || len(list) == 0 {
				t.Fatalf("%s: %d statements, %v", name, len(list), err)
			}
			for _, x := range list {
				plan := x[1]
				if name == "the newest notifications" || name == "the newest deliveries" {
					plan = walks.ReplaceAllString(plan, "")
				}
				if whole[store.Dialect()].MatchString(plan) || strings.Contains(name, "notifications") && strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%s reads everything:\n%s\n%s", name, x[0], x[1])
				}
			}
		}
	}
	now := time.Now()
	looks := []func(t *testing.T, store *models.Store){
		page("the newest notifications", func(ctx context.Context, s *models.Store) error {
			_, err := s.NotificationsPage(ctx, "", 0, 51)
			return err
		}),
		page("a later page of notifications", func(ctx context.Context, s *models.Store) error {
			_, err := s.NotificationsPage(ctx, "", 500, 51)
			return err
		}),
		page("refused notifications", func(ctx context.Context, s *models.Store) error {
			_, err := s.NotificationsPage(ctx, "refused", 0, 51)
			return err
		}),
		page("a later page of refused notifications", func(ctx context.Context, s *models.Store) error {
			_, err := s.NotificationsPage(ctx, "refused", 500, 51)
			return err
		}),
		page("refused lately", func(ctx context.Context, s *models.Store) error {
			_, _, _, err := s.RefusedSince(ctx, now.Add(-24*time.Hour))
			return err
		}),
		page("what arrived on orders that are not paid", func(ctx context.Context, s *models.Store) error {
			_, err := s.ArrivedUnpaid(ctx, now.Add(-30*24*time.Hour), now)
			return err
		}),
		page("the newest deliveries", func(ctx context.Context, s *models.Store) error {
			_, err := s.DeliveriesOfAll(ctx, 10)
			return err
		}),
		page("deliveries of an endpoint", func(ctx context.Context, s *models.Store) error {
			_, err := s.Deliveries(ctx, 1, 500, "", 51)
			return err
		}),
		page("failed deliveries of an endpoint", func(ctx context.Context, s *models.Store) error {
			_, err := s.Deliveries(ctx, 1, 500, "failed", 51)
			return err
		}),
		page("deliveries of an order", func(ctx context.Context, s *models.Store) error {
			_, err := s.DeliveriesOf(ctx, 17, 20)
			return err
		}),
		page("calls for a payment", func(ctx context.Context, s *models.Store) error {
			_, err := s.CallsOf(ctx, 17, 20)
			return err
		}),
		page("events of a payment", func(ctx context.Context, s *models.Store) error {
			_, err := s.Events(ctx, 17)
			return err
		}),
		page("events of an order", func(ctx context.Context, s *models.Store) error {
			_, err := s.EventsOfOrder(ctx, 17)
			return err
		}),
		page("all events, going on", func(ctx context.Context, s *models.Store) error {
			_, err := s.OrderEvents(ctx, 500, 100)
			return err
		}),
		page("mails of an order", func(ctx context.Context, s *models.Store) error {
			_, err := s.MailsOf(ctx, 17)
			return err
		}),
		page("the log", func(ctx context.Context, s *models.Store) error {
			_, err := s.Log(ctx, models.LogFilter{After: 500})
			return err
		}),
		page("refunds that are asked for", func(ctx context.Context, s *models.Store) error {
			_, _, err := s.AskedRefunds(ctx, 50)
			return err
		}),
		page("refunds of some orders", func(ctx context.Context, s *models.Store) error {
			_, err := s.RefundsOfOrders(ctx, []int64{17, 18})
			return err
		}),
		page("who was asked for the rest", func(ctx context.Context, s *models.Store) error {
			_, err := s.RestAsked(ctx, []int64{17, 18})
			return err
		}),
		page("orders that wait", func(ctx context.Context, s *models.Store) error {
			_, _, err := s.WaitingOrders(ctx, "review", 50)
			return err
		}),
		page("what was received", func(ctx context.Context, s *models.Store) error {
			_, err := s.ReceivedBetween(ctx, now.AddDate(0, 0, -30), now)
			return err
		}),
		page("what was placed", func(ctx context.Context, s *models.Store) error {
			_, _, err := s.Placed(ctx, now.AddDate(0, 0, -30), now)
			return err
		}),
		page("how long it took", func(ctx context.Context, s *models.Store) error {
			_, _, err := s.MedianToPaid(ctx, now.AddDate(0, 0, -30), now)
			return err
		}),
		page("sales by day", func(ctx context.Context, s *models.Store) error {
			_, err := s.SalesOfDays(ctx, "USD", []time.Time{now.Truncate(24*time.Hour).AddDate(0, 0, -1), now.Truncate(24 * time.Hour)})
			return err
		}),
		page("neighbours of an order", func(ctx context.Context, s *models.Store) error {
			_, _, err := s.Neighbours(ctx, 1500)
			return err
		}),
		page("orders of an e-mail", func(ctx context.Context, s *models.Store) error {
			_, _, err := s.OrdersOfEmail(ctx, "customer17@example.com")
			return err
		}),
	}
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		seed(t, store, 2000)
		for _, look := range looks {
			look(t, store)
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

// TestAFileHoldsWhatTheListHolds reads lists whole, piece by piece, and page by page.
func TestAFileHoldsWhatTheListHolds(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		seed(t, store, 2600) // more than one piece
		day := time.Now().UTC().Truncate(24 * time.Hour)
		for name, q := range map[string]models.DeskQuery{
			"all": {}, "by number": {Sort: models.ByNumber, Rising: true}, "by total": {Sort: models.ByTotal}, "paid": {Statuses: []string{"paid"}}, "of two kinds": {Statuses: []string{"paid", "open"}, Source: "cart", Route: "BTC"},
			"a beginning of an e-mail": {Text: "customer1"}, "a product": {Text: "Thing 17", Sort: models.ByTotal}, "a day by total": {Sort: models.ByTotal, Before: day}, "flags": {Flag: "drift"}, "a route": {Route: "x/r2", Rising: true},
			"a site": {Site: "x", Sort: models.ByNumber}, "nothing": {Site: "nowhere"},
		} {
			q.Currency, q.Limit = "USD", 10000
			list, err := store.DeskOrders(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			err = store.EachDeskOrder(t.Context(), q, func(o *models.DeskOrder) error {
				if n >= len(list) {
					t.Fatalf("%s: the file has more than the list's %d orders", name, len(list))
				}
				x := &list[n]
				n++
				if o.Number != x.Number || !o.CreatedAt.Equal(x.CreatedAt) || (o.PaidAt == nil) != (x.PaidAt == nil) || o.PaidAt != nil && !o.PaidAt.Equal(*x.PaidAt) || !o.InAmount.Decimal.Equal(x.InAmount.Decimal) || o.UID != x.UID || o.SiteName != x.SiteName || (o.SettledAt == nil) != (x.SettledAt == nil) || o.FromXML != x.FromXML || o.Total != x.Total || o.Email != x.Email {
					t.Fatalf("%s: line %d is %+v, in the list %+v", name, n, *o, *x)
				}
				return nil
			})
			if err != nil || n != len(list) {
				t.Errorf("%s: the file has %d orders, the list %d; %v", name, n, len(list), err)
			}
		}
		var sold, sum int64
		if err := store.EachSettlement(t.Context(), time.Time{}, time.Now(), func(x *models.Settlement) error {
			if x.Sold {
				sold, sum = sold+1, sum+x.Total
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want, err := store.SalesBetween(t.Context(), "USD", time.Time{}, time.Now())
		if err != nil || sold != want.Orders || sum != want.Total || sold < 1500 {
			t.Errorf("settlements: %d orders, %d; the sums say %+v, %v", sold, sum, want, err)
		}
		sum = 0
		if err := store.EachSoldLine(t.Context(), "en", time.Time{}, time.Now(), func(x *models.SoldLine) error { sum += x.Total; return nil }); err != nil || sum != want.Total {
			t.Errorf("lines: %d, want %d; %v", sum, want.Total, err)
		}
		stop := errors.New("enough")
		if err := store.EachDeskOrder(t.Context(), models.DeskQuery{}, func(*models.DeskOrder) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("stopped with %v", err)
		}
	})
}

// TestSumsAreThoseOfTheRows lets orders be paid, taken back and changed, and compares the tables of sums with the orders.
func TestSumsAreThoseOfTheRows(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		seed(t, store, 300)
		ctx := t.Context()
		for i, change := range []func(o *models.Order){
			func(o *models.Order) { at := store.Now(); o.Status, o.PaidAt = "paid", &at },
			func(o *models.Order) { o.Status = "review" },
			func(o *models.Order) { o.Status = "paid" },
			func(o *models.Order) { o.PayCurrency, o.Total = "DOGE", 777 },
			func(o *models.Order) { at := store.Now().Add(-50 * time.Hour); o.PaidAt = &at },
			func(o *models.Order) { o.Email = "somebody@example.com" },
			func(o *models.Order) { o.Received, o.Refunded = 777, 77 },
			func(o *models.Order) {
				if o.Number == 1017 { // a rehearsal: the sums have it, who reads them has not
					o.Source = models.SourceTest
				}
			},
		} {
			for number := int64(1010); number < 1040; number += 7 {
				o, err := store.OrderByNumber(ctx, number)
				if err != nil {
					t.Fatal(err)
				}
				if err := store.InTx(ctx, func(tx *models.Tx) error {
					if o, err = tx.LockOrder(ctx, o.ID); err != nil {
						return err
					}
					change(o)
					return tx.SaveOrder(ctx, o)
				}); err != nil {
					t.Fatal(err)
				}
			}
			if diff, err := store.SumMismatches(ctx, 10); err != nil || len(diff) > 0 {
				t.Fatalf("after change %d: %v, %v", i, diff, err)
			}
		}
		now := store.Now()
		for _, from := range []time.Time{now.AddDate(0, 0, -4), now.Add(-90 * time.Minute), now.Add(-time.Minute), now.Truncate(24 * time.Hour), now.Truncate(time.Hour), now.Add(-49 * time.Hour).Truncate(time.Hour)} {
			for _, before := range []time.Time{now.Add(time.Microsecond), now.Add(-10 * time.Minute), now.Truncate(24 * time.Hour), now.Truncate(time.Hour)} {
				sales, err := store.SalesBetween(ctx, "USD", from, before)
				if err != nil {
					t.Fatal(err)
				}
				placed, paid, err := store.Placed(ctx, from, before)
				if err != nil {
					t.Fatal(err)
				}
				came, err := store.ReceivedBetween(ctx, from, before)
				if err != nil {
					t.Fatal(err)
				}
				var want models.Sales
				var wantReceived int64
				var wantPlaced, wantPaid int64
				list, err := store.DeskOrders(ctx, models.DeskQuery{Limit: 1000})
				if err != nil {
					t.Fatal(err)
				}
				within := func(at time.Time) bool { return !at.Before(from) && at.Before(before) }
				for i := range list {
					o := &list[i]
					if o.Source == models.SourceTest {
						continue
					}
					if o.Status == "paid" && o.PaidAt != nil && within(*o.PaidAt) {
						want.Orders, want.Total, wantReceived = want.Orders+1, want.Total+o.Total, wantReceived+o.Received
					}
					if within(o.CreatedAt) {
						wantPlaced++
						if o.Status == "paid" {
							wantPaid++
						}
					}
				}
				var received int64
				for _, x := range came {
					received += x.Received
				}
				if received != wantReceived {
					t.Errorf("from %s before %s: received %d, want %d", from, before, received, wantReceived)
				}
				if sales != want || placed != wantPlaced || paid != wantPaid {
					t.Errorf("from %s before %s: %+v, %d placed, %d paid; the orders say %+v, %d, %d", from, before, sales, placed, paid, want, wantPlaced, wantPaid)
				}
			}
		}
		for _, zone := range []*time.Location{time.UTC, time.FixedZone("-3", -3*3600), time.FixedZone("+5:45", 5*3600+45*60)} {
			var days []time.Time
			for i := -4; i <= 1; i++ {
				days = append(days, time.Date(now.Year(), now.Month(), now.Day()+i, 0, 0, 0, 0, zone))
			}
			list, err := store.SalesOfDays(ctx, "USD", days)
			if err != nil || len(list) != len(days)-1 {
				t.Fatalf("%s: %d days, %v", zone, len(list), err)
			}
			for i := range list {
				if want, err := store.SalesBetween(ctx, "USD", days[i], days[i+1]); err != nil || list[i] != want {
					t.Errorf("%s: %+v, want %+v, %v", days[i], list[i], want, err)
				}
			}
		}
		if err := store.ExecForTest(ctx, "UPDATE sales_sums SET total = total + 1 WHERE span = 24"); err != nil {
			t.Fatal(err)
		}
		if diff, err := store.SumMismatches(ctx, 10); err != nil || len(diff) == 0 {
			t.Errorf("a wrong sum was not noticed: %v, %v", diff, err)
		}
	})
}
