package admin

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// RatesView is how a rate moved.
type RatesView struct {
	Title, Desc string
	TableLabel  string
	From, To    time.Time // the ends of the picture
	Low, High   float64   // of the scale: pixels, no amount is computed from them
	Points      []RatePoint
	Ticks       []RateTick // of the scale
	Days        []RateDay  // where a day begins
	Gap         time.Duration
	Table       ListView // by day
	Latest      ListView
	LatestLabel string
}

// RatePoint is a rate that was seen.
type RatePoint struct {
	At    time.Time
	Value float64
}

// RateTick is a line of the scale.
type RateTick struct {
	Value float64
	Label string
}

// RateDay is the beginning of a day.
type RateDay struct {
	At    time.Time
	Label string
}

// ratesDrawn is the picture at one size.
type ratesDrawn struct {
	id                       string
	width, height            int
	left, right, top, bottom int
	view                     RatesView
}

func (v RatesView) draw(id string, width, height int) ratesDrawn {
	long := 0
	for _, t := range v.Ticks {
		long = max(long, utf8.RuneCountInString(t.Label))
	}
	return ratesDrawn{id: id, width: width, height: height, left: 14 + 8*long, right: width - 10, top: 12, bottom: height - 24, view: v}
}

func (d ratesDrawn) box() string { return fmt.Sprintf("0 0 %d %d", d.width, d.height) }

func (d ratesDrawn) num(n int) string { return fmt.Sprint(n) }

func (d ratesDrawn) x(t time.Time) string {
	all := max(1, d.view.To.Sub(d.view.From).Seconds())
	return fmt.Sprintf("%.1f", float64(d.left)+float64(d.right-d.left)*t.Sub(d.view.From).Seconds()/all)
}

func (d ratesDrawn) y(v float64) string {
	span := d.view.High - d.view.Low
	if span <= 0 {
		return fmt.Sprintf("%.1f", float64(d.top+d.bottom)/2)
	}
	return fmt.Sprintf("%.1f", float64(d.bottom)-float64(d.bottom-d.top)*(v-d.view.Low)/span)
}

// alone tells whether nobody looked before and after a point for so long that no line leads to it.
func (d ratesDrawn) alone(i int) bool {
	list := d.view.Points
	return (i == 0 || list[i].At.Sub(list[i-1].At) > d.view.Gap) && (i == len(list)-1 || list[i+1].At.Sub(list[i].At) > d.view.Gap)
}

// path joins the points, and leaves a gap where nobody looked: what was between is not known.
func (d ratesDrawn) path() string {
	var b strings.Builder
	for i, p := range d.view.Points {
		sign := "L"
		if i == 0 || p.At.Sub(d.view.Points[i-1].At) > d.view.Gap {
			sign = "M"
		}
		b.WriteString(sign + d.x(p.At) + " " + d.y(p.Value))
	}
	return b.String()
}

// named tells whether a day has its name below: every one where there is room, else every second, and none where the picture ends before its name would.
func (d ratesDrawn) named(i int) bool {
	const room = 56 // pixels of a name and the space beside it
	day := float64(d.right-d.left) * (24 * time.Hour).Seconds() / max(1, d.view.To.Sub(d.view.From).Seconds())
	left := d.view.To.Sub(d.view.Days[i].At).Hours() / 24 * day
	return left >= room-10 && (day >= room || (len(d.view.Days)-1-i)%2 == 1)
}
