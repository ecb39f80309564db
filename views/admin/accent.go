package admin

import "mostrador/views"

// AccentView shows what a colour would look like.
type AccentView struct {
	Of            string // the field whose colour it is
	Pick          string // the colour as a picker has it; "": no picker
	Colour        views.Accent
	Button, Other string // words in the picture: on a button, and a link
	Says          string // the same for who does not see it
}

// sides are the two themes of the picture, with the grounds of theme.css.
func (v AccentView) sides() []accentSide {
	return []accentSide{{X: "0", At: "24", Ground: "#fcfaf7", Shade: v.Colour.Light}, {X: "260", At: "284", Ground: "#24211f", Shade: v.Colour.Dark}}
}

type accentSide struct {
	X, At, Ground string
	views.Shade
}
