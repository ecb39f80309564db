package sandbox

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// frame is what every page prints around its content.
type frame struct {
	T         texts
	Lang      string
	Title     string
	Languages []languageLink
	Status    string // of the order, for the script that looks again
}

type languageLink struct {
	Lang, Name, URL string
	Current         bool
}

// orderView is all that the payment and the order page print, in the reader's language.
type orderView struct {
	frame
	UID                  int64
	Word, Sentence, Tone string
	From, Due, Icon      string
	Account, Tag         string
	Comment, Rules       string
	Instructions         []string
	Receives             string
	Values               []Value // empty when the shop hides them
	Hidden               bool
	TimeLeft             string
	SecondsLeft          int
	Waiting, Walking     bool
	Finished, CanPayLate bool
	Back                 string // address of the shop with the outcome; "" when it gave none
	PaymentURL, OrderURL string
	Steps                []stepView
	History              []historyView
	Created, Expires     string
}

type stepView struct {
	Name  string
	State string // done, now, later
}

type historyView struct{ At, Word string }

const clockFormat = "15:04"

// view writes an order for a page of the given kind ("payment" or "order"). Call with the lock held.
func (s *Sandbox) view(o *Order, lang, page string) orderView {
	t := allTexts[lang]
	from, to := s.cat.currency(o.From), s.cat.currency(o.To)
	now := s.clock()
	left := max(0, o.Expires.Sub(now))
	v := orderView{
		frame: frame{T: t, Lang: lang, Status: o.Status}, UID: o.UID,
		Word: t.statusWord(o.Status), Sentence: t.statusSentence(o.Status), Tone: tone(o.Status),
		From: from.Name, Due: from.amount(o.InAmount), Icon: "/icons/" + from.Icon + ".svg",
		Account: o.Account, Tag: o.Tag, Receives: to.amount(o.OutAmount), Hidden: o.HideOutData,
		TimeLeft: t.Say("minutes", int(left.Minutes()), o.Expires.Format(clockFormat)), SecondsLeft: int(left.Seconds()),
		Waiting: o.waiting(), Walking: len(o.Plan) > 0, CanPayLate: o.Status == StatusDeleted && len(o.Plan) == 0,
		Steps: steps(t, o.Status), Created: stampText(o.Created), Expires: stampText(o.Expires),
	}
	v.Title = v.Word + " · " + t.Say("order_no", o.UID)
	if !o.HideOutData {
		v.Values = o.ToValues
	}
	switch from.Pay {
	case payText:
		v.Rules = plainText(s.fillPlaceholders(from.PayText, o), lang)
	case paySteps:
		if from.ShowComment && from.tag == nil {
			v.Comment = s.fillPlaceholders(from.Comment, o)
		}
	}
	for _, i := range from.Instructions {
		v.Instructions = append(v.Instructions, plainText(i.Content, lang))
	}
	v.Finished, v.Back = outcome(o)
	for _, h := range o.History {
		v.History = append(v.History, historyView{stampText(h.At), t.statusWord(h.Status)})
	}
	v.PaymentURL, v.OrderURL = pageURL(lang, "payment", o), pageURL(lang, "order", o)
	for _, l := range languages {
		v.Languages = append(v.Languages, languageLink{l, languageNames[l], pageURL(l, page, o), l == lang})
	}
	return v
}

func stampText(t time.Time) string { return t.Format("2006-01-02 15:04:05") }

func pageURL(lang, page string, o *Order) string {
	return "/" + lang + "/" + page + "/" + strings.Join([]string{jsInt(o.UID), o.Secret}, "/")
}

// tone chooses the colour that goes with the word.
func tone(status string) string {
	switch status {
	case StatusDone:
		return "good"
	case StatusErrorPayment, StatusErrorPayout:
		return "bad"
	case StatusHold, StatusReturned, StatusDeleted:
		return "warn"
	case StatusNew, StatusWaitPayment, StatusInProgress, StatusInProgressPayout:
		return "wait"
	}
	return "warn"
}

// outcome tells whether an order is finished, and where the button back to the shop leads [doc].
func outcome(o *Order) (bool, string) {
	result := "error"
	switch o.Status {
	case StatusDone:
		result = "success"
	case StatusErrorPayment, StatusErrorPayout, StatusReturned, StatusDeleted:
	default:
		return false, ""
	}
	if len(o.Plan) > 0 {
		return false, ""
	}
	return true, withStatus(o.CallbackURL, result)
}

// withStatus adds the outcome to an address that may have a query and a fragment of its own.
func withStatus(address, result string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return ""
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "status=" + result
	return u.String()
}

// steps draws the good way as four steps.
func steps(t texts, status string) []stepView {
	at := map[string]int{StatusNew: 0, StatusWaitPayment: 0, StatusInProgress: 1, StatusInProgressPayout: 2, StatusDone: 4}
	reached, ok := at[status]
	if !ok {
		return nil
	}
	list := []stepView{}
	for i, key := range []string{"step_sent", "step_seen", "step_exchange", "step_done"} {
		state := "later"
		if i < reached {
			state = "done"
		} else if i == reached {
			state = "now"
		}
		list = append(list, stepView{t.Say(key), state})
	}
	return list
}

var (
	htmlTags    = regexp.MustCompile(`(?s)<script.*?</script>|<[^>]*>`)
	langMark    = regexp.MustCompile(`##([a-z]{2})##`)
	manySpaces  = regexp.MustCompile(`\s+`)
	paragraphes = regexp.MustCompile(`</p>`)
)

// plainText is what of the exchanger's own HTML stands on its own pages here: words in one language, no markup.
func plainText(content, lang string) string {
	if marks := langMark.FindAllStringSubmatchIndex(content, -1); len(marks) > 0 {
		content = pickLanguage(content, marks, lang)
	}
	content = htmlTags.ReplaceAllString(paragraphes.ReplaceAllString(content, " "), "")
	return strings.TrimSpace(manySpaces.ReplaceAllString(html.UnescapeString(content), " "))
}

func pickLanguage(content string, marks [][]int, lang string) string {
	parts := map[string]string{}
	for i, m := range marks {
		end := len(content)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		parts[content[m[2]:m[3]]] = content[m[1]:end]
	}
	if text, ok := parts[lang]; ok {
		return text
	}
	return parts["en"]
}
