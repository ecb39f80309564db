package shop

import (
	"mostrador/views"

	"github.com/a-h/templ"
)

// RefundView asks where money shall go that is due back.
type RefundView struct {
	Page     views.Page
	Order    string        // its number
	Self     templ.SafeURL // of the order
	Action   templ.SafeURL
	Lead     string
	Address  Field
	Network  *Field // nil: what was paid with has none
	Reason   Field
	Mistakes Mistakes
}

// Fields are the form's, in the order of the page.
func (v *RefundView) Fields() []*Field {
	list := []*Field{&v.Address}
	if v.Network != nil {
		list = append(list, v.Network)
	}
	return append(list, &v.Reason)
}
