package sandbox

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// notice is one notification on its way. It is posted once and never again [doc].
type notice struct {
	uid         int64
	status, url string
	body        string
	header      http.Header
	delay       time.Duration // held back by a fault
	gather      time.Duration // shuffle: how long to wait for others
	lot         uint64        // shuffle: its place among those gathered
	hold        chan struct{} // not before this is closed; nil: at once
	queued      time.Time
	done        chan struct{} // closed when it was delivered or given up
}

// poster delivers notifications: those of one order one after another, those of different orders side by side.
type poster struct {
	client *http.Client
	log    *slog.Logger
	told   func(*notice, string)

	mu      sync.Mutex
	lanes   map[int64][]*notice
	pending int
	idle    chan struct{} // closed and replaced whenever pending falls to 0
	closing bool

	stop   chan struct{} // ends the waiting for delays
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newPoster(client *http.Client, log *slog.Logger, told func(*notice, string)) *poster {
	ctx, cancel := context.WithCancel(context.Background())
	return &poster{
		client: client, log: log, told: told, lanes: map[int64][]*notice{},
		idle: make(chan struct{}), stop: make(chan struct{}), ctx: ctx, cancel: cancel,
	}
}

// add queues a notification; after close it is dropped.
func (p *poster) add(n *notice) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		close(n.done)
		return
	}
	n.queued = time.Now()
	lane, running := p.lanes[n.uid]
	p.lanes[n.uid] = append(lane, n)
	p.pending++
	if !running {
		p.wg.Go(func() { p.drive(n.uid) })
	}
}

// drive empties one order's lane and ends with it.
func (p *poster) drive(uid int64) {
	for {
		p.mu.Lock()
		lane := p.lanes[uid]
		if len(lane) == 0 {
			delete(p.lanes, uid)
			p.mu.Unlock()
			return
		}
		n := lane[0]
		if n.gather > 0 && time.Since(n.queued) >= n.gather { // all that came meanwhile is dealt anew, without more waiting
			slices.SortStableFunc(lane, func(a, b *notice) int { return compare(a.lot, b.lot) })
			for _, other := range lane {
				other.gather = 0
			}
			n = lane[0]
		}
		wait := max(n.gather-time.Since(n.queued), n.delay-time.Since(n.queued))
		p.mu.Unlock()

		if !p.released(n) || wait > 0 && !p.sleep(wait) {
			p.finish(n, "")
			continue
		}
		if n.gather > 0 {
			continue
		}
		p.finish(n, p.send(n))
	}
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// released waits until the notification may go; false when the poster closes first.
func (p *poster) released(n *notice) bool {
	if n.hold == nil {
		return true
	}
	select {
	case <-n.hold:
		return true
	case <-p.stop:
		return false
	}
}

// sleep waits; false when the poster closes first.
func (p *poster) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-p.stop:
		return false
	}
}

// finish takes a notification out of its lane and tells what became of it; "" tells nothing.
func (p *poster) finish(n *notice, result string) {
	p.mu.Lock()
	if i := slices.Index(p.lanes[n.uid], n); i >= 0 {
		p.lanes[n.uid] = slices.Delete(p.lanes[n.uid], i, i+1)
	}
	p.mu.Unlock()
	if result != "" {
		p.told(n, result)
	}
	close(n.done)
	p.mu.Lock()
	if p.pending--; p.pending == 0 {
		close(p.idle)
		p.idle = make(chan struct{})
	}
	p.mu.Unlock()
}

func (p *poster) send(n *notice) string {
	req, err := http.NewRequestWithContext(p.ctx, http.MethodPost, n.url, strings.NewReader(n.body))
	if err != nil {
		return "not an address that can be called"
	}
	req.Header = n.header.Clone()
	req.Header.Set("User-Agent", "exchanger-sandbox")
	resp, err := p.client.Do(req)
	if err != nil {
		return reason(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	return resp.Status
}

// reason tells why a call failed without the address, which is a secret of the shop.
func reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var nerr net.Error
	if errors.As(err, &nerr) && nerr.Timeout() {
		return "no answer in time"
	}
	return err.Error()
}

// wait returns when nothing is pending.
func (p *poster) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		pending, idle := p.pending, p.idle
		p.mu.Unlock()
		if pending == 0 {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// waiting tells how many are queued or under way.
func (p *poster) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pending
}

// close drops what is held back, and lets what is under way finish within the grace.
func (p *poster) close(grace time.Duration) {
	p.mu.Lock()
	p.closing = true
	p.mu.Unlock()
	close(p.stop)
	done := make(chan struct{})
	go func() { p.wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(grace):
		p.cancel()
		<-done
	}
	p.cancel()
}
