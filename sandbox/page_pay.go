package sandbox

import (
	"net/http"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

func jsInt(n int64) string { return strconv.FormatInt(n, 10) }

func (s *Sandbox) notFoundPage(w http.ResponseWriter, lang string) {
	lang = language(lang)
	t := allTexts[lang]
	s.render(w, http.StatusNotFound, "notfound.html", frame{T: t, Lang: lang, Title: t.Say("not_found")})
}

func (s *Sandbox) paymentPage(w http.ResponseWriter, r *http.Request) { s.showOrder(w, r, "payment") }

func (s *Sandbox) orderPage(w http.ResponseWriter, r *http.Request) { s.showOrder(w, r, "order") }

// showOrder draws one of the two pages. While the order moves by itself a Refresh header follows it, without any script.
func (s *Sandbox) showOrder(w http.ResponseWriter, r *http.Request, page string) {
	lang := language(r.PathValue("lang"))
	s.mu.Lock()
	o, ok := s.find(r.PathValue("uid"), r.PathValue("secret"))
	if !ok || s.cat.byID[o.RouteID] == nil {
		s.mu.Unlock()
		s.notFoundPage(w, lang)
		return
	}
	v := s.view(o, lang, page)
	s.mu.Unlock()
	switch {
	case v.Walking:
		w.Header().Set("Refresh", "1")
	case !v.Finished && !v.Waiting:
		w.Header().Set("Refresh", "8") // as the exchanger's own pages read again [client]
	}
	s.render(w, http.StatusOK, page+".html", v)
}

// payAction plays what the payer does: POST with how=full, less, more, late, fail or cancel.
func (s *Sandbox) payAction(w http.ResponseWriter, r *http.Request) {
	lang := language(r.PathValue("lang"))
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.find(r.PathValue("uid"), r.PathValue("secret"))
	if !ok || s.cat.byID[o.RouteID] == nil {
		s.notFoundPage(w, lang)
		return
	}
	s.pay(o, r.FormValue("how"), r.FormValue("percent"), r.FormValue("amount"))
	http.Redirect(w, r, pageURL(lang, "payment", o), http.StatusSeeOther)
}

// pay does nothing for an order that no longer waits, except that late money may come for an expired one.
func (s *Sandbox) pay(o *Order, how, percent, amount string) {
	if how == "late" && len(o.Plan) == 0 && (o.waiting() || o.Status == StatusDeleted) {
		s.payLate(o)
		return
	}
	if !o.waiting() {
		return
	}
	switch how {
	case "full":
		s.walk(o, "customer paid")
	case "less", "more":
		if s.scale(o, how, percent, amount) {
			s.walk(o, "customer paid "+map[string]string{"less": "too little", "more": "too much"}[how])
		}
	case "fail":
		s.change(o, StatusErrorPayment, "payment failed", true)
	case "cancel":
		s.change(o, StatusDeleted, "customer cancelled", true)
	}
}

// walk starts the good way; the clockwork goes on with it.
func (s *Sandbox) walk(o *Order, by string) {
	o.Plan = s.planFrom(s.clock(), StatusInProgressPayout, StatusDone)
	s.change(o, StatusInProgress, by, true)
}

// payLate lets the order expire and the money come after that.
func (s *Sandbox) payLate(o *Order) {
	now := s.clock()
	o.Plan = s.planFrom(now, StatusInProgress, StatusInProgressPayout, StatusDone)
	if o.waiting() {
		o.Expires = now
		s.change(o, StatusDeleted, "its time ran out", true)
		return
	}
	s.save(o)
	s.touched()
}

// planFrom spaces the statuses by the step of the settings.
func (s *Sandbox) planFrom(at time.Time, statuses ...string) []Step {
	step := s.habits().Step
	var plan []Step
	for _, status := range statuses {
		at = at.Add(step)
		plan = append(plan, Step{At: at, Status: status, By: "exchanger"})
	}
	return plan
}

// scale sets what really came: an exact amount, or a percentage. Both amounts move together; what is paid out is rounded
// down. False when the wish makes no sense.
func (s *Sandbox) scale(o *Order, how, percent, amount string) bool {
	r := s.cat.byID[o.RouteID]
	var in decimal.Decimal
	if amount != "" {
		d, err := parseAmount(amount)
		if err != nil {
			return false
		}
		in = d.Round(r.From.places())
	} else {
		p, err := parseAmount(percent)
		if err != nil {
			p = map[string]decimal.Decimal{"less": dec("90"), "more": dec("110")}[how]
		}
		in = o.InAmount.Mul(p).Div(hundred).Round(r.From.places())
	}
	if !o.InAmount.IsPositive() || !in.IsPositive() || how == "less" && !in.LessThan(o.InAmount) || how == "more" && !in.GreaterThan(o.InAmount) {
		return false
	}
	o.OutAmount = o.OutAmount.Mul(in).DivRound(o.InAmount, 30).RoundFloor(r.To.places())
	o.InAmount = in
	return true
}
