package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/messages"
	"mostrador/models"
	"mostrador/views/admin"
)

const logPageSize = 50

// logPage shows who did what, the newest first.
func (d *desk) logPage(c echo.Context) error {
	q := c.QueryParams()
	f := models.LogFilter{Who: strings.TrimSpace(q.Get("who")), Subject: strings.TrimSpace(q.Get("subject")), Action: q.Get("action"), Limit: logPageSize + 1}
	var wrong []admin.Mistake
	f.From, f.Before, wrong = days(c, q)
	f.After, _ = strconv.ParseInt(q.Get("after"), 10, 64) // no number: from the newest
	list, err := d.Store.Log(c.Request().Context(), f)
	if err != nil {
		return err
	}
	people, err := d.Store.StaffList(c.Request().Context())
	if err != nil {
		return err
	}
	v := admin.LogView{Mistakes: wrong, From: q.Get("from"), To: q.Get("to"), Subject: f.Subject, On: len(keep(q)) > 0}
	v.Who = append(v.Who, admin.Option{Label: text(c, "desk.log.everybody")})
	known := []string{"terminal"}
	for _, p := range people {
		known = append(known, p.Email)
	}
	if f.Who != "" && !slices.Contains(known, f.Who) {
		known = append(known, f.Who)
	}
	for _, w := range known {
		v.Who = append(v.Who, admin.Option{Value: w, Label: w, On: f.Who == w})
	}
	if len(list) > logPageSize {
		list = list[:logPageSize]
		v.Pager.Next = pageLink("/admin/log", q, strconv.FormatInt(list[len(list)-1].ID, 10))
	}
	if f.After > 0 {
		v.Pager.First = pageLink("/admin/log", q, "")
	}
	v.Pager.Label = text(c, "desk.log.title")
	for i := range list {
		v.List = append(v.List, d.logRow(c, &list[i]))
	}
	status := http.StatusOK
	if len(wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return d.render(c, status, page{nav: "log", title: text(c, "desk.log.title"), mistakes: len(wrong)}, admin.Log(v))
}

func (d *desk) logRow(c echo.Context, e *models.LogEntry) admin.LogRow {
	row := admin.LogRow{At: d.moment(e.At), Who: e.Who, Action: e.Action, Subject: e.Subject, Remote: e.Remote}
	if row.Subject == row.Who {
		row.Subject = ""
	}
	if key := "desk.did." + e.Action; messages.Has(key) {
		row.Did = text(c, key)
	} else {
		row.Did = e.Action
	}
	m := e.DetailMap()
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		row.Detail = append(row.Detail, admin.Fact{Label: k, Text: detailText(m[k])})
	}
	return row
}

// detailText writes a value of the log's JSON for people.
func detailText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = detailText(e)
		}
		return strings.Join(parts, ", ")
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// days reads from and to (YYYY-MM-DD, UTC, both inclusive) of a list's filter.
func days(c echo.Context, q url.Values) (from, before time.Time, wrong []admin.Mistake) {
	return daysIn(c, q, time.UTC)
}

// daysIn is days in a time zone.
func daysIn(c echo.Context, q url.Values, zone *time.Location) (from, before time.Time, wrong []admin.Mistake) {
	read := func(name string) time.Time {
		s := q.Get(name)
		if s == "" {
			return time.Time{}
		}
		t, err := time.ParseInLocation(time.DateOnly, s, zone)
		if err != nil {
			wrong = append(wrong, admin.Mistake{Field: name, Text: text(c, "desk.mistake.day", "day", s)})
		}
		return t
	}
	from, before = read("from"), read("to")
	if !before.IsZero() {
		before = before.AddDate(0, 0, 1)
	}
	return from, before, wrong
}

// keep is the filters of an address: all but the page.
func keep(q url.Values) url.Values {
	kept := url.Values{}
	for k, vs := range q {
		for _, v := range vs {
			if k != "after" && v != "" {
				kept.Add(k, v)
			}
		}
	}
	return kept
}

// pageLink is the address of another page of a list that keeps every filter; after "" is the first.
func pageLink(path string, q url.Values, after string) string {
	kept := keep(q)
	if after != "" {
		kept.Set("after", after)
	}
	if len(kept) == 0 {
		return path
	}
	return path + "?" + kept.Encode()
}
