package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
)

// How long things take. A job that outlives timeout is told to stop; one that still counts as running after takenOver is taken for dead
// and runs again, elsewhere or here, so that a dead instance's jobs wait less than a minute.
const (
	timeout     = 25 * time.Second
	takenOver   = 40 * time.Second
	rescueEvery = 10 * time.Second
	softStop    = 15 * time.Second
)

// Deps are what the workers work with.
type Deps struct {
	Store   *models.Store
	Service *checkout.Service
	Config  *config.Config
	Log     *slog.Logger // nil: none

	// Deliver tries one webhook delivery, Mail sends one mail, Digest writes what a person is to be told into one (set with Mail). nil: such jobs wait in the queue. The error may be river.JobSnooze or
	// river.JobCancel; any other is tried again as River does.
	Deliver func(ctx context.Context, deliveryID int64) error
	Mail    func(ctx context.Context, mailID int64) error
	Digest  func(ctx context.Context, person int64) error

	// Sweep deletes what has ended (sessions, tickets, limits), now and then; nil: nothing.
	Sweep func(ctx context.Context) error

	// Alone says that no other instance can be at work on this database: what counts as running is left from a dead one.
	Alone bool
}

// Queue is everything that runs in the background of one instance.
type Queue struct {
	deps    Deps
	log     *slog.Logger
	stop    func(ctx context.Context) error
	end     context.CancelFunc
	loops   sync.WaitGroup
	running atomic.Bool
}

// Start takes up the jobs that wait and starts the loops. They end with Stop, not with ctx.
func Start(ctx context.Context, d Deps) (*Queue, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	q := &Queue{deps: d, log: d.Log.With("component", "jobs")}
	age := takenOver
	if d.Alone {
		age = 0
	}
	if err := q.rescue(ctx, age); err != nil {
		return nil, fmt.Errorf("take over jobs: %w", err)
	}
	workers := river.NewWorkers()
	queues := map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}
	if d.Deliver != nil {
		river.AddWorker(workers, &deliverWorker{do: d.Deliver})
		queues[checkout.QueueWebhooks] = river.QueueConfig{MaxWorkers: 32}
	}
	if d.Mail != nil {
		river.AddWorker(workers, &mailWorker{do: d.Mail})
		river.AddWorker(workers, &digestWorker{do: d.Digest})
		queues[checkout.QueueMail] = river.QueueConfig{MaxWorkers: 4}
	}
	client, err := river.NewClient(d.Store.RiverDriver(), &river.Config{
		Workers: workers, Queues: queues,
		FetchCooldown: 20 * time.Millisecond, FetchPollInterval: time.Second, // a queue does at most MaxWorkers jobs in each cooldown
		JobTimeout: timeout, RescueStuckJobsAfter: takenOver, SoftStopTimeout: softStop,
		ErrorHandler: &failures{log: q.log}, Logger: slog.New(quieter{q.log.Handler()}),
	})
	if err != nil {
		return nil, fmt.Errorf("make job queue: %w", err)
	}
	run, end := context.WithCancel(context.WithoutCancel(ctx))
	if err := client.Start(run); err != nil {
		end()
		return nil, fmt.Errorf("start job queue: %w", err)
	}
	q.stop, q.end = client.Stop, end
	q.startLoops(run)
	q.running.Store(true)
	return q, nil
}

// Running tells whether jobs are being worked.
func (q *Queue) Running() bool { return q.running.Load() }

// Stop ends the loops and lets the jobs under way finish; those that take too long go back into the queue. It waits until all are at
// rest, or for ctx.
func (q *Queue) Stop(ctx context.Context) error {
	q.running.Store(false)
	q.end() // also tells River to take up nothing more
	err := q.stop(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.loops.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		err = errors.Join(err, ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

type deliverWorker struct {
	river.WorkerDefaults[checkout.DeliverArgs]
	do func(ctx context.Context, id int64) error
}

// Work tries one delivery.
func (w *deliverWorker) Work(ctx context.Context, job *river.Job[checkout.DeliverArgs]) error {
	return w.do(ctx, job.Args.DeliveryID)
}

type mailWorker struct {
	river.WorkerDefaults[checkout.MailArgs]
	do func(ctx context.Context, id int64) error
}

// Work sends one mail.
func (w *mailWorker) Work(ctx context.Context, job *river.Job[checkout.MailArgs]) error {
	return w.do(ctx, job.Args.MailID)
}

// NextRetry waits longer with each failure: a quarter of a minute, then doubling up to two hours.
func (w *mailWorker) NextRetry(job *river.Job[checkout.MailArgs]) time.Time {
	wait := 15 * time.Second << min(max(job.Attempt-1, 0), 9)
	return time.Now().Add(min(wait, 2*time.Hour))
}

type digestWorker struct {
	river.WorkerDefaults[checkout.DigestArgs]
	do func(ctx context.Context, person int64) error
}

// Work writes one digest.
func (w *digestWorker) Work(ctx context.Context, job *river.Job[checkout.DigestArgs]) error {
	return w.do(ctx, job.Args.Person)
}

// failures logs each failed job once. Arguments are ids, so nothing secret is in a line.
type failures struct{ log *slog.Logger }

// HandleError logs a job that returned an error; it is tried again.
func (f *failures) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log.Warn("job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "of", job.MaxAttempts, "error", err)
	return nil
}

// HandlePanic logs a job that panicked; it is tried again.
func (f *failures) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.log.Error("job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "panic", fmt.Sprint(value), "trace", trace)
	return nil
}

// quieter lets River's warnings and errors through and keeps its daily talk for the level below.
type quieter struct{ slog.Handler }

// Enabled wants a warning.
func (h quieter) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the threshold.
func (h quieter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quieter{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the threshold.
func (h quieter) WithGroup(name string) slog.Handler { return quieter{h.Handler.WithGroup(name)} }
