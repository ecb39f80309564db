// Package staff holds the people of the dashboard: how they get an account, sign in and prove who they are, what each role may do,
// their sessions, the keys of machines, and the log of who did what.
//
// It may import models and messages; it knows neither echo nor SQL. Everything that changes something writes a line into the log in
// the same transaction. Read service.go first, then signin.go (the order of checks and the delays), session.go and role.go.
package staff
