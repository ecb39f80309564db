package checkout

import (
	"context"
	"encoding/json"
	"strings"

	"mostrador/models"
)

// fieldRefused stands before the name of the field in the note of a FactRefused.
const fieldRefused = "field: "

// FieldRefused gives the form's name of the customer's own field that the exchanger would not take at the order's newest attempt; "" when it was
// refused for something else, or not at all. Nothing was made there, so the customer puts the value right and tries again.
func (s *Service) FieldRefused(ctx context.Context, o *models.Order) (string, error) {
	list, err := s.store.Payments(ctx, o.ID)
	if err != nil || len(list) == 0 {
		return "", err
	}
	p := &list[len(list)-1]
	if p.Phase != PhaseRefused {
		return "", nil
	}
	events, err := s.store.Events(ctx, p.ID)
	if err != nil {
		return "", err
	}
	name := ""
	for i := range events {
		var s said
		if json.Unmarshal([]byte(events[i].Data), &s) == nil && events[i].Kind == FactRefused {
			name = s.Note
		}
	}
	name, ok := strings.CutPrefix(name, fieldRefused)
	if !ok {
		return "", nil
	}
	row, err := s.store.RouteOf(ctx, p.SiteID, p.RouteID)
	if err != nil {
		return "", err
	}
	d, ok := stored(row)
	if !ok || name == "" {
		return "", nil
	}
	for _, f := range append(d.route.From.Fields, d.route.Fields...) {
		if f.Label == name || f.Name == name {
			return "fields[" + f.Key + "]", nil
		}
	}
	return "", nil
}
