package checkout

import (
	"hash/fnv"
	"strconv"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

const (
	watchedFor = 20 * time.Second // how long a look at a page counts as looking on
	restMax    = 6 * time.Hour    // the longest pause between pulls of a closed or settled payment
)

// nextPull plans when a payment is pulled next; nil when nothing more is to be learnt. Often at first, ever more rarely with age; a
// closed or settled one still, up to watch_after_close, since late money, returns and edits happen (rules 6 and 12).
func (s *Service) nextPull(p *models.Payment, o *models.Order, now time.Time) *time.Time {
	if p.Phase == PhaseCreating {
		return p.NextPullAt // the lease of who creates it
	}
	if !Pullable(p) {
		return nil
	}
	poll := s.opt.Poll
	var wait time.Duration
	if from, over := restingSince(p, o); over {
		age := now.Sub(from)
		if age > s.opt.WatchAfterClose {
			return nil
		}
		wait = clamp(age/8, poll.First, restMax)
		if p.PullFailures == 0 && p.PulledAt != nil && !p.PulledAt.Before(from) {
			wait = clamp(age/8, poll.Max, restMax)
		}
	} else {
		wait = clamp(now.Sub(p.CreatedAt)/8, poll.First, poll.Max)
		if o.WatchedAt != nil && now.Sub(*o.WatchedAt) < watchedFor {
			wait = poll.Watched
		}
	}
	if p.PullFailures > 0 {
		wait = clamp(wait<<min(p.PullFailures, 6), wait, max(poll.Max, wait))
	}
	at := now.Add(jitter(wait, p.ID, now))
	return &at
}

// restingSince tells since when a payment waits for nothing that usually comes.
func restingSince(p *models.Payment, o *models.Order) (time.Time, bool) {
	status := exchanger.Status(p.Status)
	end := status == exchanger.StatusDone || status == exchanger.StatusReturned || status == exchanger.StatusDeleted
	switch {
	case p.SettledAt != nil && end:
		return *p.SettledAt, true
	case underWay(status) && !(o.ClosedAt != nil && onWord(p)):
		return time.Time{}, false
	case o.ClosedAt != nil:
		return *o.ClosedAt, true
	case end || p.Superseded || o.PaidAt != nil:
		return p.UpdatedAt, true
	}
	return time.Time{}, false
}

func clamp(d, low, high time.Duration) time.Duration { return min(max(d, low), max(low, high)) }

// jitter spreads pulls by up to a tenth either way. It follows from payment and time, so that the same plan comes out of the same facts.
func jitter(d time.Duration, id int64, now time.Time) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(strconv.FormatInt(id, 36) + "/" + strconv.FormatInt(now.Unix(), 36)))
	return d + time.Duration(int64(h.Sum32()%2001)-1000)*d/10000
}
