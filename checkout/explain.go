package checkout

import (
	"time"

	"mostrador/models"
)

// Situation is all that explaining depends on.
type Situation struct {
	Order    models.Order
	Payments []models.Payment
	Current  *models.Payment // nil: no payment yet
	Events   []models.Event  // of all payments, the oldest first
	Down     bool            // the exchanger of Current does not answer
	Since    time.Time       // since when
	Now      time.Time
	Rules    Rules
}

// Explanation is why an order is where it is (rule 18).
type Explanation struct {
	Cause    string // one of Causes
	Args     []any  // pairs of name and value for the sentence
	Evidence []Evidence
	Who      string    // who can act: customer, exchanger, merchant, nobody
	Next     time.Time // when the program looks again; zero: never
}

// Evidence is one fact that the explanation stands on.
type Evidence struct {
	EventID int64
	At      time.Time
	Code    string
	Args    []any
}
