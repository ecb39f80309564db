package exchanger

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// Steps of an Instruction [client].
const (
	StepCreateOrder = "createOrder"
	StepPayment     = "payment"
)

// Instruction is a text that the exchanger shows at one step.
type Instruction struct {
	ID      string
	Step    string            // StepCreateOrder or StepPayment
	Content map[string]string // raw HTML by language, "" for text without a mark: never print it, use Clean
}

// Clean returns the text in lang (else English, else any) as HTML that is safe to print: no scripts, styles, pictures or
// forms, links only to http and https.
func (i Instruction) Clean(lang string) string { return CleanHTML(pick(i.Content, lang)) }

type wireInstruction struct {
	ID      text `json:"_id"`
	Step    text `json:"step"`
	Content text `json:"content"`
}

func instructionsOf(ws []wireInstruction) []Instruction {
	var out []Instruction
	for _, w := range ws {
		if content := byLanguage(string(w.Content)); len(content) > 0 {
			out = append(out, Instruction{ID: w.ID.line(64), Step: w.Step.line(40), Content: content})
		}
	}
	return out
}

var languageMark = regexp.MustCompile(`##\s*([A-Za-z]{2})\s*##`)

// byLanguage splits a text at its ##xx## marks. Whether a mark also closes its language is not known [?]: the same mark
// again does. Text outside any mark stands under "".
func byLanguage(s string) map[string]string {
	out := map[string]string{}
	add := func(lang, part string) {
		if strings.TrimSpace(part) != "" {
			out[lang] += part
		}
	}
	current, from := "", 0
	for _, m := range languageMark.FindAllStringSubmatchIndex(s, -1) {
		add(current, s[from:m[0]])
		mark := strings.ToLower(s[m[2]:m[3]])
		if from = m[1]; mark == current {
			current = ""
		} else {
			current = mark
		}
	}
	add(current, s[from:])
	return out
}

// pick chooses the text in lang, else English, else the one without a mark, else the first by name.
func pick(texts map[string]string, lang string) string {
	if len(lang) > 2 {
		lang = lang[:2]
	}
	for _, l := range []string{strings.ToLower(lang), "en", ""} {
		if t, ok := texts[l]; ok {
			return t
		}
	}
	langs := make([]string, 0, len(texts))
	for l := range texts {
		langs = append(langs, l)
	}
	if len(langs) == 0 {
		return ""
	}
	slices.Sort(langs)
	return texts[langs[0]]
}

// policy is what is left of an exchanger's HTML. No pictures: the pages allow no foreign requests.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "b", "strong", "i", "em", "u", "s", "small", "code", "pre", "blockquote",
		"ul", "ol", "li", "h3", "h4", "h5", "h6", "hr", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}()

var textOnly = bluemonday.StrictPolicy()

// CleanHTML makes HTML written by an exchanger safe to print in a page under a strict content security policy.
func CleanHTML(s string) string { return strings.TrimSpace(policy.Sanitize(s)) }

// plain takes all markup off a text written by an exchanger.
func plain(s string) string {
	return strings.TrimSpace(printable(html.UnescapeString(textOnly.Sanitize(s))))
}
