package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// controlView is all that /control prints. The page is a tool for whoever rehearses, and speaks English alone.
type controlView struct {
	frame
	Mistake  string
	Now      string
	Version  uint64 // of what is shown: the script asks for more only when it is behind
	Offset   string
	Faults   []faultGroup
	FaultsOn []string
	Step     string
	Life     string
	Confirm  bool
	Orders   ordersView
}

type ordersView struct {
	List     []controlOrder
	Total    int
	More     string // address of the page with more, "" when all are shown
	Pending  int
	Statuses []string
}

type controlOrder struct {
	UID                  int64
	Status, Tone         string
	From, FromIcon       string
	To, ToIcon           string
	In, Out              string
	InPlain, OutPlain    string
	Created, Left        string
	Waiting              bool
	Next                 string // what it will do by itself
	PaymentURL, OrderURL string
	Notified             string // what became of the last notification
	NotifiedTone         string
	HistoryText          []string
	Notices              []string
	Values               []Value
}

type faultGroup struct {
	Name   string
	Faults []faultView
	On     int
}

type faultView struct {
	faultSpec
	Switch bool
	Value  string
}

const shownOrders = 30

func (s *Sandbox) controlPage(w http.ResponseWriter, r *http.Request) {
	s.render(w, http.StatusOK, "control.html", s.controlView(r))
}

// controlOrders draws the list alone, for the script of the page.
func (s *Sandbox) controlOrders(w http.ResponseWriter, r *http.Request) {
	s.render(w, http.StatusOK, "orders.html", s.controlView(r))
}

func (s *Sandbox) controlView(r *http.Request) controlView {
	limit := shownOrders
	if n, err := strconv.Atoi(r.URL.Query().Get("show")); err == nil && n > 0 {
		limit = min(n, 1000)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
	h := s.habits()
	v := controlView{
		frame: frame{T: allTexts["en"], Lang: "en", Title: "Control"},
		Now:   stampText(s.clock()), Version: s.version, Step: h.Step.String(), Life: h.Life.String(), Confirm: h.ConfirmPaid,
	}
	if s.offset != 0 {
		v.Offset = shortDuration(s.offset)
	}
	for _, name := range faultGroups {
		g := faultGroup{Name: name, On: s.faults.on(name)}
		for _, spec := range faultTable {
			if spec.Group != name {
				continue
			}
			_, isSwitch := s.faults.value(spec).Interface().(bool)
			f := faultView{faultSpec: spec, Switch: isSwitch, Value: s.faults.text(spec)}
			g.Faults = append(g.Faults, f)
			if f.Value != "" {
				v.FaultsOn = append(v.FaultsOn, onText(f))
			}
		}
		v.Faults = append(v.Faults, g)
	}
	v.Orders = ordersView{Total: len(s.orders), Pending: s.post.waiting(), Statuses: Statuses}
	for _, o := range s.newest(limit) {
		v.Orders.List = append(v.Orders.List, s.controlOrder(&o))
	}
	if len(s.orders) > limit {
		v.Orders.More = "/control?show=" + strconv.Itoa(4*limit)
	}
	return v
}

func onText(f faultView) string {
	if f.Switch {
		return f.Label
	}
	return f.Label + ": " + f.Value
}

func (s *Sandbox) controlOrder(o *Order) controlOrder {
	from, to := s.cat.currency(o.From), s.cat.currency(o.To)
	v := controlOrder{
		UID: o.UID, Status: o.Status, Tone: tone(o.Status), From: o.From, To: o.To,
		InPlain: o.InAmount.String(), OutPlain: o.OutAmount.String(),
		Created: o.Created.Format("15:04:05"), Waiting: o.waiting(),
		PaymentURL: pageURL("en", "payment", o), OrderURL: pageURL("en", "order", o), Values: o.ToValues,
	}
	if from != nil && to != nil {
		v.FromIcon, v.ToIcon = "/icons/"+from.Icon+".svg", "/icons/"+to.Icon+".svg"
		v.In, v.Out = from.amount(o.InAmount), to.amount(o.OutAmount)
		v.From, v.To = from.Name, to.Name
	}
	if o.waiting() {
		v.Left = shortDuration(max(0, o.Expires.Sub(s.clock())))
	}
	if len(o.Plan) > 0 {
		v.Next = o.Plan[0].Status
	}
	for _, h := range o.History {
		v.HistoryText = append(v.HistoryText, fmt.Sprintf("%s %s (%s), %s → %s", h.At.Format("15:04:05"), h.Status, h.By, h.In, h.Out))
	}
	for _, n := range o.Notices {
		v.Notices = append(v.Notices, fmt.Sprintf("%s %s: %s", n.At.Format("15:04:05"), n.Status, n.Result))
	}
	switch n := len(o.Notices); {
	case o.IPNURL == "":
		v.Notified, v.NotifiedTone = "wants no notifications", "plain"
	case n == 0:
		v.Notified, v.NotifiedTone = "nothing sent yet", "plain"
	default:
		last := o.Notices[n-1]
		v.Notified, v.NotifiedTone = last.Status+": "+last.Result, "warn"
		if strings.HasPrefix(last.Result, "200") {
			v.NotifiedTone = "good"
		}
	}
	return v
}

// shortDuration prints what a person needs of a duration: 1d 2h, 59m, 40s.
func shortDuration(d time.Duration) string {
	d = d.Round(time.Second)
	days, hours := d/(24*time.Hour), d%(24*time.Hour)/time.Hour
	minutes, seconds := d%time.Hour/time.Minute, d%time.Minute/time.Second
	switch {
	case days > 0:
		return fmt.Sprintf("%dd %dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm %ds", minutes, seconds)
	}
	return fmt.Sprintf("%ds", seconds)
}
