package checkout

import "context"

// expiredLetters is how many letters say that the order closed unpaid: one, however often it is so.
func (h *history) expiredLetters() int {
	events, err := h.store.EventsOfOrder(context.Background(), h.order().ID)
	h.must(err)
	for _, e := range events {
		if e.Type == "order.expired" {
			return 1
		}
	}
	return 0
}
