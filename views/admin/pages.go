package admin

import (
	"github.com/a-h/templ"

	"mostrador/views"
)

// LoginView is the sign-in page.
type LoginView struct {
	Email, Password Field
	Next            string // where to go afterwards
	Problem         string // e-mail or password is wrong …; ""
	Passkeys        bool   // they can be used at this address
	Nobody          bool   // there is no account yet: the one-time address stands on the terminal
}

// SecondView asks for the second factor.
type SecondView struct {
	Code Field
	Next string
}

// SetupMark is one step in the line of the first start.
type SetupMark struct {
	N             int
	Label         string
	Href          string // "": nobody is in yet
	Done, Current bool
}

// AccountStep is the first step: the owner's account.
type AccountStep struct {
	Steps           []SetupMark
	Ticket          string
	Email, Password Field
	Mistakes        []Mistake
}

// SetupView stands around the later steps: their line, and the list until live.
type SetupView struct {
	Steps  []SetupMark
	Checks []Check
	Ready  int  // of Checks
	Alone  bool // the step shows Checks itself
	Body   templ.Component
}

// SetupBody is a step of the first start.
type SetupBody struct {
	Title, Lead string
	Mistakes    []Mistake
	Notes       []NoteView
	Facts       []Fact
	Open        *Link // what is to be done next; nil: nothing
	There       *Link // the same in another window, straight at the exchanger
	Waits       string
	Parts       []PartView
	Next        *Link
}

// InviteView is where an invited person chooses a password.
type InviteView struct {
	Ticket, Email, Role, Does string
	Password                  Field
}

// MoreView is the rest of the rail, for a phone.
type MoreView struct {
	Groups                         []NavGroup
	Email, Role, Theme, Lang, Back string
}

// FoundItem is something that was found.
type FoundItem struct {
	Href, Icon, What, Note string
	Chip                   *ChipView
	N                      int // its place in the whole list, from 1
}

// FoundGroup is what was found of one kind.
type FoundGroup struct {
	Title string
	Items []FoundItem
}

// FindView is the page and the palette for finding.
type FindView struct {
	Q      string
	Groups []FoundGroup
}

// AccountView is the own account.
type AccountView struct {
	Email, Role, Does string
	Theme, Lang       string
	Current, New      Field
	Second            SecondPart
	MayPasskey        bool // they can be used at this address
	Passkeys          []PasskeyRow
	Sessions          []SessionRow
	Notify            []Option
	MailOff           bool // the shop sends no mail at all
	Mistakes          []Mistake
}

// SecondPart is the second factor on the account page.
type SecondPart struct {
	On             bool
	Open           bool // the setting up is unfolded
	Left           string
	Few            bool // fewer than three recovery codes are left
	Secret, Spaced string
	QR             views.QR
	Code           Field
	Recovery       []string // new codes, shown once
}

// PasskeyRow is a passkey.
type PasskeyRow struct {
	ID, Name string
	Made     Moment
	Used     *Moment
}

// PasskeyView is the page on which the browser makes a passkey.
type PasskeyView struct {
	Options, Token, Name string
}

// SessionRow is a browser that somebody is signed in with.
type SessionRow struct {
	Hash, Agent, Remote string
	Since, Seen         Moment
	This                bool
}

// PeopleView is the staff.
type PeopleView struct {
	May                   bool // change something
	Problem               string
	Mistakes              []Mistake
	List                  []PersonRow
	Email, Role, Password Field
	Roles                 []Option
	Once                  *OnceView
}

// PersonRow is one person.
type PersonRow struct {
	ID, Email, Role string
	Roles           []Option
	Last            *Moment // nil: never signed in
	Invited         string  // until when the invitation can be taken up; ""
	NoPassword      bool
	Second          bool
	Disabled, Me    bool
}

// KeysView is the API keys.
type KeysView struct {
	May          bool
	Mistakes     []Mistake
	List         []KeyRow
	Name, Scopes Field
	Options      []Option
	Once         *OnceView
}

// KeyRow is one key.
type KeyRow struct {
	ID, Name, Prefix, By string
	Scopes               []string
	All                  bool // every scope there is
	Made                 Moment
	Used, RevokedAt      *Moment
	Revoked              bool
}

// LogView is the log.
type LogView struct {
	Mistakes          []Mistake
	Who               []Option
	From, To, Subject string
	On                bool // a filter is set
	List              []LogRow
	Pager             PagerView
}

// LogRow is one line of the log.
type LogRow struct {
	At                                Moment
	Who, Action, Did, Subject, Remote string
	Detail                            []Fact
}

// SettingsView is what a merchant changes of the shop.
type SettingsView struct {
	May                          bool
	Version                      string
	Mistakes                     []Mistake
	Name, Support, Terms, Accent Field
	Langs, First, Mails          Field
	LangOptions, FirstOptions    []Option
	MailOptions                  []Option
	Texts                        []LangTexts
	File                         []Fact // what config.yaml rules
	Look                         AccentView
	Saved                        string
}

// LangTexts are the texts in one language.
type LangTexts struct {
	Lang, Name             string
	Heading, Intro, Footer Field
}
