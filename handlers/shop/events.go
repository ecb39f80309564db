package shop

import (
	"bytes"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/models"
	"mostrador/views/shop"
)

// pingEvery is how often a silent stream says that it is alive; pages take a stream that is silent longer for broken.
const pingEvery = 10 * time.Second

// events answers GET /orders/{token}/events: the page of the order as it changes (server-sent events). While it is open the exchanger is asked
// as often as poll.watched says.
func (s *side) events(c echo.Context) error {
	ctx := c.Request().Context()
	o, err := s.byToken(c)
	if err != nil {
		return err
	}
	done, err := s.live.take(c)
	if err != nil {
		return err
	}
	defer done()
	changed, stop := s.store.WatchOrder(o.ID) // before reading, so that nothing is missed between
	defer stop()
	h := c.Response().Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would keep it back
	stream := &stream{side: s, c: c, id: o.ID, rc: http.NewResponseController(c.Response())}
	if err := stream.rc.SetWriteDeadline(time.Time{}); err != nil {
		s.Log.DebugContext(ctx, "stream keeps its deadline", "error", err)
	}
	if err := stream.tell(); err != nil {
		return stream.end(err)
	}
	ping, watch := time.NewTicker(pingEvery), time.NewTicker(max(time.Second, s.Config.Exchanger.Poll.Watched))
	defer ping.Stop()
	defer watch.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.Shutdown:
			return nil
		case <-changed:
			err = stream.tell()
		case <-watch.C:
			if o, err = s.store.OrderByID(ctx, o.ID); err == nil {
				s.svc.Watch(ctx, o)
			}
		case <-ping.C:
			if err = stream.tell(); err == nil { // time alone changes pages too
				err = stream.send([]byte("event: ping\ndata: \n\n"))
			}
		}
		if err != nil {
			return stream.end(err)
		}
	}
}

// stream is one open page.
type stream struct {
	*side
	c    echo.Context
	rc   *http.ResponseController
	id   int64
	last string // version of the page as last sent
}

// tell sends the page when it is another than the one sent last.
func (t *stream) tell() error {
	ctx := t.c.Request().Context()
	o, err := t.store.OrderByID(ctx, t.id)
	if err != nil {
		return err
	}
	if t.last == "" {
		t.svc.Watch(ctx, o)
	}
	v, err := t.draw(o)
	if err != nil || v.Version == t.last {
		return err
	}
	body, err := handlers.Draw(ctx, shop.OrderMain(v))
	if err != nil {
		return err
	}
	t.last = v.Version
	var b bytes.Buffer
	b.WriteString("event: order\n")
	for line := range bytes.Lines(body) {
		b.WriteString("data: ")
		b.Write(bytes.TrimRight(line, "\r\n"))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return t.send(b.Bytes())
}

func (t *stream) draw(o *models.Order) (shop.OrderView, error) { return t.look(t.c, o, "") }

func (t *stream) send(b []byte) error {
	if _, err := t.c.Response().Write(b); err != nil {
		return err
	}
	return t.rc.Flush()
}

// end is the end of a stream that broke: before the first byte it is an error like any other, later the page comes back by itself.
func (t *stream) end(err error) error {
	if !t.c.Response().Committed {
		return err
	}
	if t.c.Request().Context().Err() == nil {
		t.Log.WarnContext(t.c.Request().Context(), "stream ended", "request_id", handlers.RequestID(t.c.Request().Context()), "error", err)
	}
	return nil
}
