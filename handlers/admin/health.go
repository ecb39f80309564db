package admin

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/models"
	"mostrador/views/admin"
)

const (
	stuckAfter = 10 * time.Minute // a job that has been running or due for longer does not move as it should
	clockLimit = 5 * time.Second  // the exchanger's clock may be off by this
)

// health says how the shop runs: exchangers, database, queue, oldest unsettled payment, mail, version.
func (d *desk) health(c echo.Context) error {
	ctx := c.Request().Context()
	sites, err := d.Store.Sites(ctx)
	if err != nil {
		return err
	}
	l := admin.ListView{
		Label: text(c, "desk.health.sites"), Columns: []admin.Column{{Label: text(c, "desk.health.site")}, {Label: text(c, "desk.goods.state")}, {Label: text(c, "desk.health.failing_since")}, {Label: text(c, "desk.health.last_ok")}, {Label: text(c, "desk.health.clock"), Num: true}, {Label: text(c, "desk.health.routes_at")}},
		Empty: &admin.EmptyView{Icon: "activity", Title: text(c, "desk.health.no_sites")},
	}
	for i := range sites {
		l.Rows = append(l.Rows, d.siteRow(c, &sites[i]))
	}
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.nav.health"), Lead: text(c, "desk.health.lead")}}
	v.Parts = []admin.PartView{{ID: "h-sites", Title: text(c, "desk.health.sites"), List: &l}}
	checks, err := d.healthChecks(c, ctx)
	if err != nil {
		return err
	}
	queue, err := d.queueList(c, ctx)
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, admin.PartView{ID: "h-checks", Title: text(c, "desk.health.shop"), Checks: checks},
		admin.PartView{ID: "h-queue", Title: text(c, "desk.health.queue"), Note: text(c, "desk.health.queue_note"), List: queue},
		admin.PartView{ID: "h-program", Title: text(c, "desk.health.program"), Facts: []admin.Fact{
			{Label: text(c, "desk.health.version"), Text: handlers.Version()},
			{Label: "Go", Text: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
			{Label: text(c, "desk.health.now"), Body: when(d.moment(d.Now()))},
		}})
	return d.stack(c, http.StatusOK, "health", v)
}

func (d *desk) siteRow(c echo.Context, s *models.Site) admin.Row {
	state := chip(admin.Good, "circle-check", text(c, "desk.health.answers"))
	switch {
	case s.Circuit == "open" || s.Circuit == "half-open":
		state = chip(admin.Trouble, "cloud-off", text(c, "desk.health.circuit_open"))
	case s.FailingSince != nil:
		state = chip(admin.Attention, "triangle-alert", text(c, "desk.health.failing"))
	case s.LastOkAt == nil:
		state = chip(admin.Waiting, "clock", text(c, "desk.health.not_asked"))
	}
	diff := time.Duration(s.ClockDiffMs) * time.Millisecond
	clock := admin.Cell{Text: diff.String()}
	if diff.Abs() > clockLimit {
		clock = admin.Cell{Body: chip(admin.Attention, "clock-alert", diff.String())}
	}
	name := admin.Cell{Text: s.Name, Sub: s.BaseURL + s.APIPath, Title: true}
	if !s.Active {
		name.Sub += " · " + text(c, "desk.health.retired")
	}
	since := d.momentCell(s.FailingSince, "—")
	if s.FailingSince != nil {
		since.Sub = short(s.LastError)
	}
	return admin.Row{ID: "site-" + s.Name, Off: !s.Active, Cells: []admin.Cell{name, {Body: state}, since, d.momentCell(s.LastOkAt, text(c, "desk.health.never")), clock, d.momentCell(s.RoutesAt, text(c, "desk.health.never"))}}
}

// healthChecks is the list of what is well and what is not.
func (d *desk) healthChecks(c echo.Context, ctx context.Context) ([]admin.Check, error) {
	stuck, err := d.Store.StuckJobs(ctx, stuckAfter)
	if err != nil {
		return nil, err
	}
	oldest, err := d.Store.OldestUnsettled(ctx)
	if err != nil {
		return nil, err
	}
	migrations, err := d.Store.Migrations(ctx)
	if err != nil {
		return nil, err
	}
	pending := 0
	for _, m := range migrations {
		if !m.Applied {
			pending++
		}
	}
	kind := "SQLite"
	if d.Store.Dialect() == models.Postgres {
		kind = "PostgreSQL"
	}
	state := func(bad bool, word string) string {
		if bad {
			return word
		}
		return "ok"
	}
	list := []admin.Check{
		{State: state(d.Store.Ping(ctx) != nil, "bad"), What: text(c, "desk.health.database"), Say: kind},
		{State: state(pending > 0, "bad"), What: text(c, "desk.health.migrations"), Say: text(c, "desk.health.migrations_say", "applied", len(migrations)-pending, "pending", pending)},
		{State: state(stuck.Running+stuck.Waiting > 0, "bad"), What: text(c, "desk.health.stuck"), Say: text(c, "desk.health.stuck_say", "running", stuck.Running, "waiting", stuck.Waiting)},
		{State: state(stuck.GivenUp > 0, "warn"), What: text(c, "desk.health.given_up"), Say: strconv.FormatInt(stuck.GivenUp, 10)},
	}
	unsettled := admin.Check{State: "ok", What: text(c, "desk.health.oldest"), Say: text(c, "desk.health.no_oldest")}
	if oldest != nil {
		number := strconv.FormatInt(oldest.OrderNumber, 10)
		unsettled = admin.Check{
			State: state(d.Now().Sub(oldest.CreatedAt) > 24*time.Hour, "warn"), What: text(c, "desk.health.oldest"), Say: text(c, "desk.health.oldest_say", "number", number, "status", oldest.Status, "when", d.moment(oldest.CreatedAt).Text),
			Link: &admin.Link{Label: text(c, "desk.health.look"), Href: "/admin/orders/" + number},
		}
	}
	mail := admin.Check{State: "ok", What: text(c, "desk.health.mail"), Say: text(c, "desk.health.mail_on")}
	if d.Config.Mail.URL == "" {
		mail = admin.Check{State: "warn", What: text(c, "desk.health.mail"), Say: text(c, "desk.health.mail_off")}
	}
	backup, err := d.backupCheck(c)
	if err != nil {
		return nil, err
	}
	return append(list, unsettled, mail, backup), nil
}

// queueList is how many jobs wait, by kind and state.
func (d *desk) queueList(c echo.Context, ctx context.Context) (*admin.ListView, error) {
	depth, err := d.Store.QueueDepth(ctx)
	if err != nil {
		return nil, err
	}
	l := &admin.ListView{
		Label: text(c, "desk.health.queue"), Columns: []admin.Column{{Label: text(c, "desk.health.job")}, {Label: text(c, "desk.goods.state")}, {Label: text(c, "desk.health.jobs"), Num: true}},
		Empty: &admin.EmptyView{Icon: "circle-check", Title: text(c, "desk.health.queue_empty")},
	}
	for _, q := range depth {
		l.Rows = append(l.Rows, admin.Row{Cells: []admin.Cell{{Text: q.Kind, Title: true}, {Text: q.State}, {Text: strconv.FormatInt(q.Jobs, 10)}}})
	}
	return l, nil
}
