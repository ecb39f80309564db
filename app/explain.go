package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/models"
)

// parseExplain reads: explain NUMBER.
func parseExplain(args []string) (run, error) {
	words, err := parseFlags(flags(), args, 1)
	if err != nil {
		return nil, orUsage(err, "explain wants the number of an order")
	}
	number, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimPrefix(words[0], "#"), "ord_"), 10, 64)
	if err != nil || number < 1 {
		return nil, &usageError{fmt.Sprintf("explain wants the number of an order, not %q", words[0])}
	}
	return func(ctx context.Context, p *program) error { return explain(ctx, p, number) }, nil
}

// explain prints why an order is where it is. It only reads: the sites of the configuration need not be reachable.
func explain(ctx context.Context, p *program, number int64) error {
	store, err := openStore(ctx, p.cfg, slog.New(slog.DiscardHandler), opening{exists: true})
	if err != nil {
		return err
	}
	defer store.Close()
	o, err := store.OrderByNumber(ctx, number)
	if errors.Is(err, models.ErrNotFound) {
		return fmt.Errorf("there is no order %d", number)
	}
	if err != nil {
		return err
	}
	look, err := checkout.Reader(store, checkout.OptionsOf(p.cfg)).Look(ctx, o)
	if err != nil {
		return err
	}
	return writeExplanation(p.stdout, look, messages.For(language(p.environ)), p.cfg.Shop.Location())
}

// language is the terminal's, when it is one of ours; else English.
func language(environ []string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		for _, e := range environ {
			if value, ok := strings.CutPrefix(e, name+"="); ok && value != "" {
				lang, _, _ := strings.Cut(strings.ToLower(value), "_")
				lang, _, _ = strings.Cut(lang, ".")
				return messages.Choose(messages.Languages, lang, "en")
			}
		}
	}
	return "en"
}

func writeExplanation(out io.Writer, l *checkout.Look, p messages.Printer, loc *time.Location) error {
	w := l.Why
	status := l.Order.Status
	if l.Order.Flags != "" {
		status += " (" + l.Order.Flags + ")"
	}
	if l.Order.ReviewReason != "" {
		status += ": " + l.Order.ReviewReason
	}
	t := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	row := func(key, value string) { fmt.Fprintf(t, "%s\t%s\n", p.Text("command.explain."+key), value) }
	row("order", strconv.FormatInt(l.Order.Number, 10))
	row("status", status)
	row("cause", w.Cause)
	row("why", w.Sentence(p, true, loc))
	row("who", w.WhoText(p, true))
	next := p.Text("command.explain.never")
	if !w.Next.IsZero() {
		next = stamp(w.Next, loc)
	}
	row("next", next)
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print explanation: %w", err)
	}
	fmt.Fprintf(out, "\n%s\n", p.Text("command.explain.evidence"))
	if len(w.Evidence) == 0 {
		fmt.Fprintf(out, "  %s\n", p.Text("command.explain.none"))
	}
	for _, e := range w.Evidence {
		fmt.Fprintf(out, "  %s  #%d  %s\n", stamp(e.At, loc), e.EventID, w.EvidenceText(e, p, loc))
	}
	return nil
}

func stamp(t time.Time, loc *time.Location) string {
	return t.In(loc).Format("2006-01-02 15:04:05 MST")
}
