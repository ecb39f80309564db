package app

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"mostrador/checkout"
	"mostrador/exchanger"
	"mostrador/handlers"
	"mostrador/models"
)

// metrics are what Prometheus reads. Requests are counted as they happen, everything else is asked of the database when it is read.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	store    *models.Store
	service  *checkout.Service
	log      *slog.Logger
}

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("mostrador_"+name, help, labels, nil)
}

// What is asked of the database.
var (
	ordersDesc        = gauge("orders", "Orders by status.", "status")
	unsettledDesc     = gauge("payments_unsettled", "Payments that are still looked after.")
	oldestDesc        = gauge("payments_oldest_unsettled_seconds", "Age of the longest waiting unsettled payment.")
	overdueDesc       = gauge("payments_overdue", "Payments whose next look was due more than a minute ago.")
	jobsDesc          = gauge("jobs", "Jobs that are not completed, by kind and state.", "kind", "state")
	notificationsDesc = gauge("notifications", "Notifications of exchangers by outcome.", "outcome")
	deliveriesDesc    = gauge("deliveries", "Webhook deliveries by state.", "state")
	siteDesc          = gauge("exchanger_up", "1 while the exchanger answers, 0 while its circuit is not closed.", "site")
	clockDesc         = gauge("exchanger_clock_difference_seconds", "The exchanger's clock less ours.", "site")
	askedDesc         = gauge("database_up", "1 when the database could be asked.")
)

func newMetrics(store *models.Store, service *checkout.Service, log *slog.Logger) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(), store: store, service: service, log: log,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "mostrador_http_requests_total", Help: "Requests by route pattern and status."}, []string{"method", "route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "mostrador_http_request_duration_seconds", Help: "How long requests took, streams left out.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"route"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "mostrador_build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": handlers.Version()}})
	info.Set(1)
	m.registry.MustRegister(m.requests, m.took, info, m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	return mux
}

// count is the outermost middleware: it sees the status that was answered.
func (m *metrics) count(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		err := next(c)
		route := handlers.RoutePattern(c)
		method := c.Request().Method
		if method != http.MethodGet && method != http.MethodPost && method != http.MethodHead {
			method = "other" // what strangers make up would be a label each
		}
		m.requests.WithLabelValues(method, route, strconv.Itoa(c.Response().Status)).Inc()
		if c.Response().Header().Get(echo.HeaderContentType) != "text/event-stream" {
			m.took.WithLabelValues(route).Observe(time.Since(start).Seconds())
		}
		return err
	}
}

// Describe names what Collect gives.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{ordersDesc, unsettledDesc, oldestDesc, overdueDesc, jobsDesc, notificationsDesc, deliveriesDesc, siteDesc, clockDesc, askedDesc} {
		ch <- d
	}
}

// Collect asks the database. What could not be asked is left out, and mostrador_database_up says so.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	put := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	up := 1.0
	for _, ask := range []func(context.Context, func(*prometheus.Desc, float64, ...string)) error{m.tallies, m.payments, m.queue, m.sites} {
		if err := ask(ctx, put); err != nil {
			m.log.Warn("metrics incomplete", "error", err)
			up = 0
		}
	}
	put(askedDesc, up)
}

func (m *metrics) tallies(ctx context.Context, put func(*prometheus.Desc, float64, ...string)) error {
	for _, t := range []struct {
		desc *prometheus.Desc
		ask  func(context.Context) ([]models.Count, error)
	}{{ordersDesc, m.store.CountOrders}, {notificationsDesc, m.store.CountNotifications}, {deliveriesDesc, m.store.CountDeliveries}} {
		list, err := t.ask(ctx)
		if err != nil {
			return err
		}
		for _, c := range list {
			put(t.desc, float64(c.N), c.Name)
		}
	}
	return nil
}

func (m *metrics) payments(ctx context.Context, put func(*prometheus.Desc, float64, ...string)) error {
	now := m.store.Now()
	n, oldest, err := m.store.CountUnsettled(ctx)
	if err != nil {
		return err
	}
	overdue, _, err := m.store.OverduePulls(ctx, now.Add(-time.Minute))
	if err != nil {
		return err
	}
	age := 0.0
	if !oldest.IsZero() {
		age = now.Sub(oldest).Seconds()
	}
	put(unsettledDesc, float64(n))
	put(oldestDesc, age)
	put(overdueDesc, float64(overdue))
	return nil
}

func (m *metrics) queue(ctx context.Context, put func(*prometheus.Desc, float64, ...string)) error {
	list, err := m.store.QueueDepth(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		put(jobsDesc, float64(s.Jobs), s.Kind, s.State)
	}
	return nil
}

func (m *metrics) sites(ctx context.Context, put func(*prometheus.Desc, float64, ...string)) error {
	rows, err := m.store.Sites(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, row := range rows {
		h, ok := m.service.SiteHealth(row.ID)
		if !ok || !row.Active || seen[row.Name] {
			continue
		}
		seen[row.Name] = true
		up := 0.0
		if h.State == exchanger.Closed {
			up = 1
		}
		put(siteDesc, up, row.Name)
		if h.ClockKnown {
			put(clockDesc, h.ClockDiff.Seconds(), row.Name)
		}
	}
	return nil
}
