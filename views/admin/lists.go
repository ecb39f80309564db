package admin

import (
	"context"

	"mostrador/messages"
)

// peopleList is the table of the staff.
func peopleList(ctx context.Context, v PeopleView) ListView {
	t := func(key string) string { return messages.Text(ctx, "desk.staff."+key) }
	l := ListView{Label: messages.Text(ctx, "desk.nav.staff"), Columns: []Column{{Label: t("who")}, {Label: t("role")}, {Label: t("state")}, {Label: t("last")}}}
	if v.May {
		l.Columns = append(l.Columns, Column{Label: t("do"), Hidden: true})
	}
	for _, p := range v.List {
		last := Cell{Text: t("never")}
		if p.Last != nil {
			last = Cell{Body: When(*p.Last)}
		}
		row := Row{ID: "staff-" + p.ID, Off: p.Disabled, Cells: []Cell{{Body: personWho(p), Title: true}, {Body: personRole(p, v.May), Over: true}, {Body: personState(p)}, last}}
		if v.May {
			row.Cells = append(row.Cells, Cell{Body: personDo(p), Over: true, End: true})
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

// keyList is the table of the API keys.
func keyList(ctx context.Context, v KeysView) ListView {
	t := func(key string) string { return messages.Text(ctx, "desk.keys."+key) }
	l := ListView{Label: messages.Text(ctx, "desk.nav.keys"), Columns: []Column{{Label: t("name")}, {Label: t("prefix")}, {Label: t("scopes")}, {Label: t("made_by")}, {Label: t("used")}},
		Empty: &EmptyView{Icon: "key-round", Title: t("empty"), Text: t("empty_text")}}
	if v.May {
		l.Columns = append(l.Columns, Column{Label: t("do"), Hidden: true})
	}
	for _, k := range v.List {
		row := Row{ID: "key-" + k.ID, Off: k.Revoked, Cells: []Cell{{Text: k.Name, Title: true}, {Text: k.Prefix, Class: "exact"}, {Body: keyScopes(k)}, {Text: k.By, Sub: k.Made.Text}, {Body: keyUsed(k)}}}
		if v.May {
			row.Cells = append(row.Cells, Cell{Body: keyDo(k), Over: true, End: true})
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

// logList is the table of the log.
func logList(ctx context.Context, v LogView) ListView {
	t := func(key string) string { return messages.Text(ctx, "desk.log."+key) }
	empty := EmptyView{Icon: "scroll-text", Title: t("empty")}
	if v.On {
		empty.Title, empty.Links = t("nothing"), []Link{{Label: messages.Text(ctx, "desk.filter.clear"), Href: "/admin/log"}}
	}
	l := ListView{Label: t("title"), Class: "logs cards-plain", Columns: []Column{{Label: t("when")}, {Label: t("who")}, {Label: t("did"), Class: "w-2/5"}, {Label: t("subject")}, {Label: t("remote"), Drop: true}}, Empty: &empty}
	for _, r := range v.List {
		l.Rows = append(l.Rows, Row{Cells: []Cell{{Body: When(r.At)}, {Text: r.Who}, {Body: logDid(r), Title: true}, {Text: r.Subject}, {Text: r.Remote, Class: "text-muted"}}})
	}
	return l
}
