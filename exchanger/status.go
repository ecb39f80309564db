package exchanger

import "slices"

// Status is the state of an exchange order in the exchanger's own words. A word that is not among Statuses is kept as it
// came; ask Known.
type Status string

// The ten statuses [doc].
const (
	StatusNew              Status = "new"              // made, not yet offered for payment
	StatusWaitPayment      Status = "waitPayment"      // the exchanger waits for the customer's money
	StatusErrorPayment     Status = "errorPayment"     // the customer's payment failed
	StatusInProgress       Status = "inProgress"       // payment seen or announced, being handled
	StatusInProgressPayout Status = "inProgressPayout" // payment accepted, payout queued
	StatusErrorPayout      Status = "errorPayout"      // the payout failed
	StatusHold             Status = "hold"             // frozen, the exchanger looks into it
	StatusDone             Status = "done"             // paid out
	StatusReturned         Status = "returned"         // paid, conditions not met, money sent back
	StatusDeleted          Status = "deleted"          // cancelled or expired there
)

// Statuses lists the ten known statuses, in the order in which a person reads them.
var Statuses = []Status{
	StatusNew, StatusWaitPayment, StatusErrorPayment, StatusInProgress, StatusInProgressPayout,
	StatusErrorPayout, StatusHold, StatusDone, StatusReturned, StatusDeleted,
}

// Known says whether s is one of the ten statuses.
func (s Status) Known() bool { return slices.Contains(Statuses, s) }
