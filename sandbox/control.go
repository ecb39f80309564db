package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// controlRoutes are the administrator's: a page for people, and the same as forms and JSON for programs.
func (s *Sandbox) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /control", s.controlPage)
	mux.HandleFunc("GET /control/orders", s.controlOrders)
	mux.HandleFunc("GET /control/orders.json", s.controlJSON)
	mux.HandleFunc("GET /control/live", s.controlLive)
	mux.HandleFunc("POST /control/orders/{uid}/status", s.controlMove)
	mux.HandleFunc("POST /control/orders/{uid}/edit", s.controlEdit)
	mux.HandleFunc("POST /control/orders/{uid}/pay", s.controlPay)
	mux.HandleFunc("POST /control/faults", s.controlFaults)
	mux.HandleFunc("POST /control/clock", s.controlClock)
	mux.HandleFunc("POST /control/settings", s.controlSettings)
	mux.HandleFunc("POST /control/reset", func(w http.ResponseWriter, r *http.Request) {
		s.Reset()
		s.controlDone(w, r, "", nil)
	})
}

// controlDone answers an action: JSON to a program, back to the place on the page for a person. A mistake is 422, an unknown
// order 404.
func (s *Sandbox) controlDone(w http.ResponseWriter, r *http.Request, place string, err error) {
	status := http.StatusOK
	switch {
	case errors.Is(err, ErrNoOrder):
		status = http.StatusNotFound
	case err != nil:
		status = http.StatusUnprocessableEntity
	}
	if wantsJSON(r) {
		answer := map[string]any{"ok": err == nil}
		if err != nil {
			answer["error"] = err.Error()
		}
		writeJSON(w, status, answer)
		return
	}
	if err == nil {
		http.Redirect(w, r, "/control"+place, http.StatusSeeOther)
		return
	}
	v := s.controlView(r)
	v.Mistake = err.Error()
	s.render(w, status, "control.html", v)
}

func wantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// controlJSON answers GET /control/orders.json: everything a test in another process may want to know.
func (s *Sandbox) controlJSON(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.tick()
	out := map[string]any{
		"now": s.clock(), "offset": s.offset.String(), "orders": s.newest(0), "faults": s.faults,
		"settings": settingsJSON(s.habits()), "pending_notifications": s.post.waiting(), "version": s.version,
	}
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, out)
}

func settingsJSON(h Settings) map[string]any {
	return map[string]any{"step": h.Step.String(), "life": h.Life.String(), "confirm_paid": h.ConfirmPaid}
}

func pathUID(r *http.Request) int64 {
	uid, err := strconv.ParseInt(r.PathValue("uid"), 10, 64)
	if err != nil {
		return -1 // no order has it
	}
	return uid
}

// orderPlace is where the order stands on the page, so that a person comes back to it.
func orderPlace(r *http.Request) string { return "#order-" + strconv.FormatInt(pathUID(r), 10) }

// checked reads a switch of a form.
func checked(r *http.Request, name string) bool {
	v := r.FormValue(name)
	return v != "" && v != "0" && v != "false" && v != "off"
}

// controlMove answers POST /control/orders/{uid}/status with status and notify.
func (s *Sandbox) controlMove(w http.ResponseWriter, r *http.Request) {
	s.controlDone(w, r, orderPlace(r), s.Move(pathUID(r), r.FormValue("status"), checked(r, "notify")))
}

// controlPay answers POST /control/orders/{uid}/pay: what the payer would do on the payment page.
func (s *Sandbox) controlPay(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	s.mu.Lock()
	o, ok := s.orders[pathUID(r)]
	if ok && s.cat.byID[o.RouteID] != nil {
		s.due(o)
		s.pay(o, r.FormValue("how"), r.FormValue("percent"), r.FormValue("amount"))
	}
	s.mu.Unlock()
	if !ok {
		s.controlDone(w, r, "", ErrNoOrder)
		return
	}
	s.controlDone(w, r, orderPlace(r), nil)
}

// controlEdit answers POST /control/orders/{uid}/edit with in, out and toValues[KEY].
func (s *Sandbox) controlEdit(w http.ResponseWriter, r *http.Request) {
	s.controlDone(w, r, orderPlace(r), s.editFromForm(r))
}

func (s *Sandbox) editFromForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w", err)
	}
	var amounts [2]*decimal.Decimal
	for i, name := range []string{"in", "out"} {
		text := strings.TrimSpace(r.PostForm.Get(name))
		if text == "" {
			continue
		}
		d, err := parseAmount(text)
		if err != nil {
			return fmt.Errorf("%s: got %q: %w", name, text, err)
		}
		amounts[i] = &d
	}
	values := map[string]string{}
	for name, list := range r.PostForm {
		if key, ok := strings.CutPrefix(name, "toValues["); ok {
			values[strings.TrimSuffix(key, "]")] = list[0]
		}
	}
	return s.Edit(pathUID(r), amounts[0], amounts[1], values)
}

// controlFaults answers POST /control/faults, form or JSON. It replaces all faults; with merge=1 in the address it changes
// only those that are named.
func (s *Sandbox) controlFaults(w http.ResponseWriter, r *http.Request) {
	var f Faults
	if r.URL.Query().Get("merge") != "" {
		f = s.Faults()
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	if kind == "application/json" {
		err = json.NewDecoder(r.Body).Decode(&f)
	} else if err = r.ParseForm(); err == nil {
		err = f.fromForm(r.PostForm)
	}
	if err == nil {
		s.SetFaults(f)
	}
	s.controlDone(w, r, "#faults", err)
}

// controlClock answers POST /control/clock with advance.
func (s *Sandbox) controlClock(w http.ResponseWriter, r *http.Request) {
	d, err := parseDuration(r.FormValue("advance"))
	switch {
	case err != nil:
		err = fmt.Errorf("advance: got %q: %w", r.FormValue("advance"), err)
	case d <= 0 || d > 366*24*time.Hour:
		err = fmt.Errorf("advance: got %q: want more than 0 and at most a year", r.FormValue("advance"))
	default:
		s.Advance(d)
	}
	s.controlDone(w, r, "", err)
}

// controlSettings answers POST /control/settings with step, life and confirm_paid; what is not sent stays, but for the
// switch, which a form leaves out when it is off.
func (s *Sandbox) controlSettings(w http.ResponseWriter, r *http.Request) {
	v := s.Settings()
	var err error
	for name, target := range map[string]*time.Duration{"step": &v.Step, "life": &v.Life} {
		text := strings.TrimSpace(r.FormValue(name))
		if text == "" {
			continue
		}
		d, e := parseDuration(text)
		if e != nil || d <= 0 {
			err = fmt.Errorf("%s: got %q: want a duration such as 15s", name, text)
			continue
		}
		*target = d
	}
	v.ConfirmPaid = checked(r, "confirm_paid")
	if err == nil {
		s.SetSettings(v)
	}
	s.controlDone(w, r, "#habits", err)
}

// subscribe returns a channel of version numbers, the present one, and how to end it; false once the sandbox is closed.
func (s *Sandbox) subscribe() (watch chan uint64, version uint64, end func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, 0, nil, false
	}
	watch = make(chan uint64, 1)
	s.watchers[watch] = struct{}{}
	return watch, s.version, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, watch)
	}, true
}

// controlLive tells a page by server-sent events that something changed; the page then asks for /control/orders.
func (s *Sandbox) controlLive(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	rc.SetWriteDeadline(time.Time{}) // may not be supported; then the server's own holds
	watch, version, end, ok := s.subscribe()
	if !ok {
		return
	}
	defer end()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	beat := time.NewTicker(20 * time.Second)
	defer beat.Stop()
	for {
		if _, err := fmt.Fprintf(w, "data: %d\n\n", version); err != nil {
			return
		}
		if rc.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		case <-beat.C:
		case version = <-watch:
		}
	}
}
