package sandbox

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed texts/*.json
var textFiles embed.FS

var languages = []string{"en", "es", "ru"}

var languageNames = map[string]string{"en": "English", "es": "Español", "ru": "Русский"}

// texts are the words of one language.
type texts map[string]string

// Say returns a text with its arguments filled in; an unknown key shows itself, so that it is seen.
func (t texts) Say(key string, args ...any) string {
	text, ok := t[key]
	if !ok {
		return key
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

var allTexts = func() map[string]texts {
	all := map[string]texts{}
	for _, lang := range languages {
		data, err := textFiles.ReadFile("texts/" + lang + ".json")
		if err != nil {
			panic(err)
		}
		t := texts{}
		if err := json.Unmarshal(data, &t); err != nil {
			panic(fmt.Sprintf("texts/%s.json: %v", lang, err))
		}
		all[lang] = t
	}
	return all
}()

// language returns one that the pages speak; English for all others.
func language(wanted string) string {
	if _, ok := allTexts[wanted]; ok {
		return wanted
	}
	return "en"
}

// statusWord is a status in words; one that is not known shows itself.
func (t texts) statusWord(status string) string {
	if text, ok := t["status."+status]; ok {
		return text
	}
	return status
}

// statusSentence says where an order stands.
func (t texts) statusSentence(status string) string {
	if text, ok := t["say."+status]; ok && status != "other" {
		return text
	}
	return t.Say("say.other", status)
}
