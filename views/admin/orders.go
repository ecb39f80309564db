package admin

import (
	"fmt"
	"math"
	"strings"

	"mostrador/views"
)

// OrdersView is the list of orders.
type OrdersView struct {
	Head     Head
	May      bool // check several at once
	Q        string
	Sort     string // kept by the form; "" the default
	Saved    []SavedFilter
	Filter   string  // what can be kept; "": nothing
	Keep     Field   // under which name
	KeepOpen bool    // the form is unfolded
	Forget   *Button // the kept filter that is on
	Filters  []FilterPart
	Filtered bool     // by one of Filters, so that they are unfolded on a phone
	Columns  []Option // beside those that are always there
	On       bool
	Wrong    []Mistake
	List     ListView
	Pager    PagerView
	Back     string // path and query, to come back to after checking
}

// SavedFilter is a filter that is one click away.
type SavedFilter struct {
	Label, Href string
	Current     bool
}

// FiltersView is a row of filters that are one click away.
type FiltersView struct {
	Label string
	List  []SavedFilter
}

// OrderRow is an order in a list.
type OrderRow struct {
	Number, Href, Email, What string
	Total, Paid               views.Money
	Asked                     bool // Paid is asked for and was not paid
	Unreadable                bool // the payment cannot be read
	Disc                      views.Disc
	Chips                     []ChipView
	Flags                     []string
	There                     string // the exchanger's word, where it needs somebody
	At                        Moment
}

// OrderView is an order with everything that is known of it.
type OrderView struct {
	Number, Title, Address string // Address: /admin/orders/1042
	Head                   string // who, when, from where
	Chips                  []ChipView
	Flags                  []string
	Total                  views.Money
	Older, Newer           *Link
	May                    bool
	Check                  *Button // Check now

	Tone      Tone
	Why, Say  string
	Who, Next string
	Evidence  []Link
	Decisions []Decision
	Mistakes  []Mistake
	Note      *NoteView
	Once      *OnceView

	Totals   []Fact        // of the order: price, received, what is missing or over
	Amounts  []AmountsView // of each payment
	Payments ListView
	Timeline []TimelineDay
	Acts     []Act
	Lines    []LineRow
	Customer []Fact
	Notes    []NoteRow
	NoteText Field
	Refunds  *ListView
	Asked    []AskedView
	Refund   RefundForm
	Mails    *ListView
	Hooks    *ListView
	Calls    *ListView
	Files    []Link // the support bundle
}

// Decision is something that a person may decide about an order.
type Decision struct {
	Button Button
	Text   string
}

// AmountsView keeps the amounts of a payment apart: quoted, ordered, current, settled.
type AmountsView struct {
	ID, Title string // of its heading
	Note      string
	Heads     []AmountHead
	Rows      []AmountsRow
}

// AmountHead is a column with its moment.
type AmountHead struct {
	Label, At string
	Delta     bool
}

// AmountsRow is one line of amounts.
type AmountsRow struct {
	Label string
	Rate  bool // falls away on a phone
	Cells []AmountCell
}

// AmountCell is an amount with what it differs by.
type AmountCell struct {
	Money  views.Money
	Text   string // instead of Money
	Small  string
	Off    bool // Small is worth a look
	Strong bool
	Delta  bool
}

// TimelineDay is the events of a day.
type TimelineDay struct {
	Day  string
	Rows []TimelineRow
}

// TimelineRow is an event: where from, what it said, what became of it.
type TimelineRow struct {
	ID              string
	Time            Moment
	Source          string // form, notification, pull, return, timer, person
	SourceText      string
	Said            string
	Outcome, Reason string // applied, kept, refused; Reason is the sentence
	RawHref         string // "": there is no body, or it is not for this role
	Raw             string // the body, when it was asked for
	RawLabel        string
}

func (r TimelineRow) icon() string {
	icons := map[string]string{"form": "square-pen", "notification": "bell", "pull": "download", "return": "undo-2", "timer": "timer", "person": "user"}
	if i := icons[r.Source]; i != "" {
		return i
	}
	return "circle"
}

// Act is another thing to do with an order.
type Act struct {
	Button *Button
	Link   *Link
	Text   string
}

// LineRow is something that was bought.
type LineRow struct {
	Title, Times string
	Total        views.Money
}

// NoteRow is a note of the staff.
type NoteRow struct {
	At        Moment
	Who, Body string
}

// AskedView is a refund that the customer asks for, with both answers.
type AskedView struct {
	ID, Action string
	May        bool
	Facts      []Fact
	Sent       []Field
	OpenSent   bool
	Refuse     Field
	OpenRefuse bool
}

// RefundForm writes a refund down.
type RefundForm struct {
	Action string
	Open   bool
	Fields []Field
	State  Field
	States []Option
}

// OverviewView is the first page: what needs a person, then how it goes.
type OverviewView struct {
	Mistakes []Mistake // with the days that were chosen
	Head     Head
	Version  string // of what changes by itself
	// What changes by itself, drawn: its version is made of it, and it is drawn no second time.
	DrawnInbox, DrawnLatest string
	Lamps                   []Lamp
	InboxN                  int
	Inbox                   []InboxRow
	Empty                   EmptyView
	Figures                 FiguresView
	Chart                   ChartView
	Latest                  ListView
	Shares                  []ShareRow
	Sum                     ShareRow
	Notes                   []NoteView
	Currency                string
}

// Lamp says in a few words how a part of the shop runs.
type Lamp struct {
	Good bool
	Text string
	Href string
}

// InboxRow is something that needs a person, or much of one kind that unfolds.
type InboxRow struct {
	Chip  ChipView
	What  Link
	Say   string // goes on after What
	Why   string
	Age   Moment // empty: it does not grow older
	First *Link  // the likely thing to do when that is to look; nil: Posts
	Posts []Button
	Links []Link

	ID     string // of what unfolds
	Unfold string
	Rows   []InboxRow
	More   *Link // where all of them are, when Rows are not all
}

// FiguresView compares periods with those before.
type FiguresView struct {
	Heads []Link // the report of the same days
	Rows  []FigureRow
	Note  string
	Link  Link
	Days  FilterView // of one's own choice
}

// FigureRow is one figure in all periods.
type FigureRow struct {
	Label, Small string
	Cells        []FigureCell
}

// FigureCell is a figure and how it compares: better, worse or "".
type FigureCell struct{ Now, Then, How string }

// ChartView is sales by day.
type ChartView struct {
	Title, Note, Desc string
	TableLabel        string
	Heads             [3]string
	Spans             []SavedFilter // how many days it can show
	Days              []ChartDay
	Ticks             []ChartTick
	Avg               int64 // minor
	Max               int64 // the top of the scale, minor
}

// ChartDay is one bar.
type ChartDay struct {
	Label, Short string
	Orders       string
	Text         string // the amount
	Total        int64  // minor
	Today, Top   bool
}

// ChartTick is a line of the scale.
type ChartTick struct {
	Total int64
	Label string
}

// drawn is a chart at one size.
type drawn struct {
	id                   string
	width, height        int
	left, right, top     int
	bottom               int
	days                 []ChartDay
	view                 ChartView
	every                int // each so many days have a label
	step, bar, baseShift float64
}

func (v ChartView) draw(id string, width, height int) drawn {
	d := drawn{id: id, width: width, height: height, left: 56, right: width - 8, top: 18, bottom: height - 24, view: v, days: v.Days}
	n := max(1, len(d.days))
	d.step = float64(d.right-d.left) / float64(n)
	d.bar = d.step * 0.72
	d.baseShift = (d.step - d.bar) / 2
	const apart = 96 // pixels that a label and the space beside it want
	d.every = max(1, int(math.Ceil(apart/d.step)))
	return d
}

func (d drawn) y(total int64) string {
	if d.view.Max <= 0 {
		return fmt.Sprint(d.bottom)
	}
	// Pixels of a picture: no amount is computed from them.
	return fmt.Sprintf("%.1f", float64(d.bottom)-float64(d.bottom-d.top)*float64(total)/float64(d.view.Max))
}

func (d drawn) h(total int64) string {
	if d.view.Max <= 0 {
		return "0"
	}
	return fmt.Sprintf("%.1f", float64(d.bottom-d.top)*float64(total)/float64(d.view.Max))
}

func (d drawn) x(i int) string { return fmt.Sprintf("%.1f", float64(d.left)+d.step*float64(i)) }
func (d drawn) barX(i int) string {
	return fmt.Sprintf("%.1f", float64(d.left)+d.step*float64(i)+d.baseShift)
}
func (d drawn) mid(i int) string { return fmt.Sprintf("%.1f", float64(d.left)+d.step*(float64(i)+0.5)) }
func (d drawn) stepW() string    { return fmt.Sprintf("%.1f", d.step) }
func (d drawn) barW() string     { return fmt.Sprintf("%.1f", d.bar) }
func (d drawn) num(n int) string { return fmt.Sprint(n) }

// labelled tells whether a day has its label below: the last, and each so many before it, as far as there is room.
func (d drawn) labelled(i int) bool { return (len(d.days)-1-i)%d.every == 0 }

// valued tells whether a bar has its amount above it: the highest, and today where no bar beside it stands in the way.
func (d drawn) valued(i int) bool {
	top, last := 0, len(d.days)-1
	for j, day := range d.days {
		if day.Total > d.days[top].Total {
			top = j
		}
	}
	if d.days[i].Total <= 0 || i != top && i != last {
		return false
	}
	for j := max(0, i-int(valueWidth/d.step)); j < i && i != top; j++ {
		if d.days[j].Total >= d.days[i].Total {
			return false
		}
	}
	return true
}

const valueWidth = 72 // pixels of an amount above a bar

// valueX is where the amount above a bar stands: in the middle of it, or where it still fits.
func (d drawn) valueX(i int) string {
	const half = valueWidth / 2
	mid := float64(d.left) + d.step*(float64(i)+0.5)
	return fmt.Sprintf("%.1f", min(max(mid, float64(d.left+half)), float64(d.right-half)))
}

// anchor and labelX keep the last label inside of the picture; the others stand below the middle of their bar.
func (d drawn) anchor(i int) string {
	if i == len(d.days)-1 {
		return "end"
	}
	return "middle"
}

func (d drawn) labelX(i int) string {
	if i == len(d.days)-1 {
		return fmt.Sprint(d.right)
	}
	return d.mid(i)
}

func (d drawn) box() string { return fmt.Sprintf("0 0 %d %d", d.width, d.height) }

// ShareRow is the part of the sales that one currency brought.
type ShareRow struct {
	Name, Code      string
	Disc            views.Disc
	Orders, Percent string
	Total           views.Money
	Thousandths     int64
	X, W            string // in the bar
	Class           string
}

func shareLabel(rows []ShareRow) string {
	var parts []string
	for _, r := range rows {
		parts = append(parts, r.Name+" "+r.Percent)
	}
	return strings.Join(parts, ", ")
}
