package shop

import (
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
)

// streamsPerAddress is how many pages of one address may follow their orders live at once: a family or an office behind one address stays
// below it, and a stranger cannot take all connections. Pages that are refused ask every few seconds instead.
const streamsPerAddress = 64

// streams counts the streams that are open in this process, by address.
type streams struct {
	mu   sync.Mutex
	open map[string]int
}

// take counts one more of whoever asks; done gives it back.
func (t *streams) take(c echo.Context) (done func(), err error) {
	who := handlers.Customer(c)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open[who] >= streamsPerAddress {
		return nil, handlers.TooMany(5 * time.Second)
	}
	if t.open == nil {
		t.open = map[string]int{}
	}
	t.open[who]++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.open[who]--; t.open[who] == 0 {
			delete(t.open, who)
		}
	}, nil
}
