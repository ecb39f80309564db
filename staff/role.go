package staff

// Role is what a person of the desk is.
type Role string

// The roles, from most to least.
const (
	Owner   Role = "owner"
	Manager Role = "manager"
	Viewer  Role = "viewer"
)

// Roles are all roles, from most to least.
var Roles = []Role{Owner, Manager, Viewer}

// Valid tells whether the role exists.
func (r Role) Valid() bool { return r == Owner || r == Manager || r == Viewer }

// Action is a kind of change. What is not named here is the shop's daily work.
type Action string

// The actions that roles tell apart.
const (
	OwnAccount     Action = "account"  // own password, second factor, sessions, language
	Work           Action = "work"     // orders, products, links, routes, webhooks, notifications …
	ManageStaff    Action = "staff"    //
	ManageKeys     Action = "keys"     // API keys
	ManagePayouts  Action = "payouts"  // where the money goes
	ManageSettings Action = "settings" // the shop's texts, colour, languages, mails
)

// Can tells whether the role may do the action: everybody their own account, a manager all but staff, keys, payouts and settings, an
// owner all. An action that is not known is an owner's.
func (r Role) Can(a Action) bool {
	switch {
	case !r.Valid():
		return false
	case a == OwnAccount, r == Owner:
		return true
	case r == Manager:
		return a == Work
	}
	return false
}
