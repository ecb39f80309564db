package exchanger

import (
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

const (
	breakAfter    = 5                // failures in a row that open the breaker
	firstDelay    = time.Second      // between probes; far from the two calls a second that are allowed
	longestDelay  = 5 * time.Second  // a site that is back is noticed within this
	longestPause  = 15 * time.Minute // of what a Retry-After is believed
	probeInFlight = 500 * time.Millisecond
)

// BreakerState says whether calls pass.
type BreakerState string

// The breaker's states.
const (
	Closed   BreakerState = "closed"    // calls pass
	HalfOpen BreakerState = "half-open" // one call is on its way to try the site
	Open     BreakerState = "open"      // calls are refused until NextProbe
)

// Health is what the client has seen of its site. Times are zero where there is nothing to tell.
type Health struct {
	Site         string
	State        BreakerState
	FailingSince time.Time     // first failure after the last success; zero while all is well
	LastSuccess  time.Time     // last answer that could be read, also a refusal
	LastFailure  time.Time     //
	LastError    string        // of the last failure, without secrets; kept after a success
	NextProbe    time.Time     // when the next call may pass; zero while closed
	PausedUntil  time.Time     // background reads are refused until then (Retry-After)
	ClockDiff    time.Duration // exchanger's clock less ours, to a second (Date header)
	ClockKnown   bool
}

// outcome is what a call says of the site's health.
type outcome int

const (
	healthy outcome = iota
	failing
	neutral // our caller went away, or the site is alive and asks for patience: neither good nor bad
)

// breaker is failsafe's circuit breaker on the client's clock: when to probe is decided here, since the library's own
// delay runs on the wall clock, and a probe whose caller went away must count neither way.
type breaker struct {
	now func() time.Time

	mu     sync.Mutex
	cb     circuitbreaker.CircuitBreaker[any]
	delay  time.Duration
	health Health // State is filled in by snapshot
}

func newBreaker(site string, now func() time.Time) *breaker {
	cb := circuitbreaker.NewBuilder[any]().WithFailureThreshold(breakAfter).WithSuccessThreshold(1).
		WithDelay(365 * 24 * time.Hour).Build() // never half-opens by itself
	return &breaker{now: now, cb: cb, delay: firstDelay, health: Health{Site: site}}
}

// acquire asks to make one call. probe must be handed to record; wait is how long to stay away when ok is false.
func (b *breaker) acquire() (probe bool, wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cb.IsClosed() {
		return false, 0, true
	}
	if b.cb.IsOpen() {
		wait = b.health.NextProbe.Sub(b.now())
		if wait > 0 && wait <= longestPause { // more: the clock was set back
			return false, wait, false
		}
		b.cb.HalfOpen()
	}
	if !b.cb.TryAcquirePermit() {
		return false, probeInFlight, false
	}
	return true, 0, true
}

// record tells how the call went. Late answers of calls from before the breaker opened are noted but move nothing.
func (b *breaker) record(probe bool, o outcome, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	counts := probe || b.cb.IsClosed()
	h, now := &b.health, b.now()
	switch o {
	case healthy:
		h.LastSuccess = now
		if counts {
			b.cb.RecordSuccess()
			b.delay, h.FailingSince, h.NextProbe = firstDelay, time.Time{}, time.Time{}
		}
	case failing:
		h.LastFailure, h.LastError = now, cut(err.Error(), 300)
		if h.FailingSince.IsZero() {
			h.FailingSince = now
		}
		if counts {
			b.cb.RecordFailure()
		}
		if counts && b.cb.IsOpen() {
			h.NextProbe = now.Add(b.delay)
			b.delay = min(2*b.delay, longestDelay)
		}
	case neutral:
		if probe {
			b.cb.Open()
			h.NextProbe = now.Add(b.delay)
			if h.PausedUntil.After(h.NextProbe) {
				h.NextProbe = h.PausedUntil
			}
		}
	}
}

// pause notes a Retry-After.
func (b *breaker) pause(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := b.now().Add(min(d, longestPause)); until.After(b.health.PausedUntil) {
		b.health.PausedUntil = until
	}
}

// paused is how long background reads have to wait.
func (b *breaker) paused() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := b.health.PausedUntil.Sub(b.now()); d > 0 && d <= longestPause {
		return d
	}
	return 0
}

// clock notes the exchanger's Date header, which is cut to the second, seen halfway between start and now.
func (b *breaker) clock(date time.Time, start time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	half := start.Add(b.now().Sub(start) / 2)
	b.health.ClockDiff, b.health.ClockKnown = date.Add(500*time.Millisecond).Sub(half).Round(time.Second), true
}

func (b *breaker) snapshot() Health {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.health
	switch b.cb.State() {
	case circuitbreaker.OpenState:
		h.State = Open
	case circuitbreaker.HalfOpenState:
		h.State = HalfOpen
	default:
		h.State = Closed
	}
	now := b.now()
	if wait := h.PausedUntil.Sub(now); wait <= 0 || wait > longestPause { // more: the clock was set back
		h.PausedUntil = time.Time{}
	}
	if h.NextProbe.Sub(now) > longestPause {
		h.NextProbe = now
	}
	return h
}
