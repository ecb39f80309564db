package jobs

import (
	"context"
	"math/rand/v2"
	"time"
)

// startLoops starts everything that runs beside the queue; each ends with ctx.
func (q *Queue) startLoops(ctx context.Context) {
	d := q.deps
	q.loops.Go(func() { d.Store.Listen(ctx) })
	q.loops.Go(func() { d.Service.RunReconciler(ctx) })
	q.every(ctx, "orders not closed", 3*time.Second, func(ctx context.Context) error {
		n, err := d.Service.ExpireDue(ctx)
		if n > 0 {
			q.log.Info("unpaid orders closed", "orders", n)
		}
		return err
	})
	// The list of routes is read before a customer asks for it; single rates are read when somebody looks.
	q.every(ctx, "routes not refreshed", time.Minute, func(ctx context.Context) error {
		if err := d.Service.RefreshRoutes(ctx, 4*time.Minute); err != nil {
			return err
		}
		return d.Service.RefreshIcons(ctx) // of the currencies that are new in the list
	})
	q.every(ctx, "an exchanger does not answer", 5*time.Second, d.Service.ProbeSites)
	q.every(ctx, "jobs of dead instances not taken over", rescueEvery, func(ctx context.Context) error { return q.rescue(ctx, takenOver) })
	q.every(ctx, "backups not looked after", time.Hour, func(ctx context.Context) error { return d.Service.NoticeBackup(ctx, d.Config.BackupEvery()) })
	if d.Sweep != nil {
		q.every(ctx, "ended sessions not deleted", 20*time.Minute, d.Sweep)
	}
}

// every runs f at once and then again and again, with a little jitter so that several instances do not march in step. A failure is
// logged when it begins and when it is over, not each time between.
func (q *Queue) every(ctx context.Context, failed string, period time.Duration, f func(context.Context) error) {
	q.loops.Go(func() {
		failing := false
		for {
			err := f(ctx)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil && !failing:
				q.log.Warn(failed, "error", err)
			case err == nil && failing:
				q.log.Info("works again: " + failed)
			}
			failing = err != nil
			timer := time.NewTimer(period + rand.N(period/10))
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
			}
		}
	})
}

// rescue gives back the jobs that have counted as running for longer than age: whoever ran them is dead.
func (q *Queue) rescue(ctx context.Context, age time.Duration) error {
	n, err := q.deps.Store.RescueJobs(ctx, age)
	if n > 0 {
		q.log.Warn("jobs of a dead instance taken over", "jobs", n)
	}
	return err
}
