package admin_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Style sheets are made of the names that stand in the templates. A name that only a handler knows would be in none of them, and do nothing.
func TestTheStyleSheetHasEveryClassThatAHandlerNames(t *testing.T) {
	sheet, err := os.ReadFile("../../static/dist/desk.css")
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, m := range regexp.MustCompile(`\.((?:[\w-]|\\.)+)`).FindAllStringSubmatch(string(sheet), -1) {
		has[strings.ReplaceAll(m[1], `\`, "")] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?:Class(?::| =| \+=)|LinkButton\(.*,) "([^"]+)"`)
	n := 0
	for _, f := range files {
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(source), -1) {
			for _, class := range strings.Fields(m[1]) {
				if n++; !has[class] {
					t.Errorf("%s names the class %q, which no style sheet has", f, class)
				}
			}
		}
	}
	if n < 50 {
		t.Fatalf("only %d classes were found in the handlers", n)
	}
}
