package models

import (
	"context"
	"fmt"
)

// ClaimingOrders gives up to limit orders after an id that are paid, or that a person accepted, for a walk over all of them.
func (s *Store) ClaimingOrders(ctx context.Context, after int64, limit int) ([]Order, error) {
	var list []Order
	if err := s.read(ctx).Where("id > ? AND (status = 'paid' OR accepted <> '')", after).Order("id").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read orders: %w", translate(err))
	}
	return list, nil
}

// Evidence is what an order stands on.
type Evidence struct {
	Payments []Payment
	Events   []Event // of all payments; only of orders that were accepted
	Refunds  []Refund
}

// EvidenceOf reads what orders stand on, by their ids.
func (s *Store) EvidenceOf(ctx context.Context, orders []Order) (map[int64]Evidence, error) {
	var ids, accepted []int64
	out := make(map[int64]Evidence, len(orders))
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	payments, err := s.paymentsWhere(s.read(ctx), "WHERE order_id IN ? ORDER BY order_id, seq", ids)
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	refunds, err := s.RefundsOfOrders(ctx, ids)
	if err != nil {
		return nil, err
	}
	was := map[int64]bool{}
	for _, o := range orders {
		was[o.ID] = o.Accepted != ""
	}
	of := map[int64]int64{}
	for _, p := range payments {
		e := out[p.OrderID]
		e.Payments = append(e.Payments, p)
		out[p.OrderID] = e
		if of[p.ID] = p.OrderID; was[p.OrderID] {
			accepted = append(accepted, p.ID)
		}
	}
	for id, list := range refunds {
		e := out[id]
		e.Refunds = list
		out[id] = e
	}
	logs, err := s.EventsOfPayments(ctx, accepted)
	if err != nil {
		return nil, err
	}
	for id, events := range logs {
		e := out[of[id]]
		e.Events = append(e.Events, events...)
		out[of[id]] = e
	}
	return out, nil
}
