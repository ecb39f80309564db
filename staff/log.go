package staff

import (
	"context"
	"encoding/json"

	"mostrador/models"
)

// Who does something: a person of the desk, a machine with a key, or somebody at the terminal.
type Who struct {
	ID     int64  // of the person; 0: not a person of the desk
	Name   string // e-mail, "key NAME" or "terminal"
	Remote string // address it came from
}

// Terminal is who uses the program's commands.
var Terminal = Who{Name: "terminal"}

// Record adds a line to the log inside the transaction that does the thing: nothing is done unseen, nothing is logged that was not
// done. action is a word such as order.accept, subject what it was done to; detail may be nil and holds no secrets.
func Record(ctx context.Context, tx *models.Tx, who Who, action, subject string, detail map[string]any) error {
	e := models.LogEntry{Who: who.Name, Action: action, Subject: subject, Remote: who.Remote}
	if who.ID != 0 {
		e.StaffID = &who.ID
	}
	if len(detail) > 0 {
		raw, err := json.Marshal(detail)
		if err != nil {
			return err
		}
		e.Detail = string(raw)
	}
	return tx.AppendLog(ctx, &e)
}

// Log is Record in a transaction of its own, for what changes nothing in the database (looking at a secret, a failed sign-in).
func (s *Service) Log(ctx context.Context, who Who, action, subject string, detail map[string]any) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return Record(ctx, tx, who, action, subject, detail) })
}
