package admin

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/models"
	"mostrador/money"
)

const bundleCalls = 200 // calls of one payment that a support bundle names

// orderBundle is what an exchanger's support asks for: uid, times, amounts, statuses and request ids. It names no customer and holds no
// secret, so that it can be sent as it is.
func (d *desk) orderBundle(c echo.Context) error {
	l, err := d.lookOf(c)
	if err != nil {
		return err
	}
	o := l.Order
	var b bytes.Buffer
	fmt.Fprintf(&b, "order %d\nstatus %s\nflags %s\ncreated %s\n", o.Number, o.Status, dash(o.Flags), stamp(&o.CreatedAt))
	fmt.Fprintf(&b, "price %s %s\nreceived %s %s\npaid %s\n", money.FromMinor(o.Total, o.Currency), o.Currency, money.FromMinor(o.Received, o.Currency), o.Currency, stamp(o.PaidAt))
	for i := range l.Payments {
		if err := d.bundlePayment(c, &b, &l.Payments[i], l.Events); err != nil {
			return err
		}
	}
	if err := d.did(c, "order.bundle", o, nil); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="order-%d.txt"`, o.Number))
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", b.Bytes())
}

func (d *desk) bundlePayment(c echo.Context, b *bytes.Buffer, p *models.Payment, events []models.Event) error {
	ctx := c.Request().Context()
	site, err := d.Store.SiteByID(ctx, p.SiteID)
	if err != nil {
		return err
	}
	calls, err := d.Store.CallsOf(ctx, p.ID, bundleCalls)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "\npayment %d\nsite %s\nuid %s\norderId %s\nroute %s\nstatus %s\ncreated %s\nsettled %s\n", p.Seq, site.BaseURL, dash(p.UID), dash(p.ExchangeID), p.RouteID, checkout.PaymentWord(p), stamp(&p.CreatedAt), stamp(p.SettledAt))
	for _, a := range []struct {
		name    string
		in, out decimal.NullDecimal
	}{{"quoted", decimal.NewNullDecimal(p.QuotedIn), decimal.NewNullDecimal(p.QuotedOut)}, {"ordered", p.OrderedIn, p.OrderedOut}, {"current", p.CurrentIn, p.CurrentOut}, {"settled", p.SettledIn, p.SettledOut}} {
		fmt.Fprintf(b, "%s in %s %s, out %s %s\n", a.name, dash(plain(a.in)), p.FromXML, dash(plain(a.out)), p.ToXML)
	}
	fmt.Fprintf(b, "notifications with the right hash %d, with a wrong one %d, without one %d\n", p.Proven, p.WrongHashes, p.Hints)
	fmt.Fprintln(b, "events")
	for i := range events {
		if e := &events[i]; e.PaymentID == p.ID {
			fmt.Fprintf(b, "  %s %s %s %s %s status %s requestId %s\n", stamp(&e.At), e.Source, e.Kind, e.Outcome, dash(e.Reason), dash(e.Status), dash(e.RequestID))
		}
	}
	fmt.Fprintln(b, "calls, the newest first")
	for _, x := range calls {
		fmt.Fprintf(b, "  %s %s %s answer %d in %d ms requestId %s\n", stamp(&x.At), x.Method, x.Path, x.Status, x.TookMs, dash(x.RequestID))
	}
	return nil
}

// stamp writes a moment for a machine; "-" for none.
func stamp(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
