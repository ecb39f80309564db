package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "mostrador"

// layers say what each top folder may import of ours: main → app → handlers, jobs → checkout, staff, webhook →
// exchanger, models → config, money, messages. Folders of one layer may know each other where it makes no circle.
var layers = map[string][]string{
	"money":     {},
	"messages":  {},
	"static":    {},
	"config":    {"money", "messages"},
	"exchanger": {"config", "money", "messages"},
	"models":    {"config", "money", "messages"},
	"checkout":  {"webhook", "exchanger", "models", "config", "money", "messages"},
	"webhook":   {"exchanger", "models", "config", "money", "messages"},
	"staff":     {"exchanger", "models", "config", "money", "messages"},
	"views":     {"static", "money", "messages"},
	"jobs":      {"views", "static", "checkout", "staff", "webhook", "exchanger", "models", "config", "money", "messages"},
	"handlers":  {"views", "static", "checkout", "staff", "webhook", "exchanger", "models", "config", "money", "messages"},
	"sandbox":   {},
	"app": {
		"handlers", "jobs", "views", "static", "sandbox", "checkout", "staff", "webhook", "exchanger", "models", "config", "money",
		"messages",
	},
	"e2e":      {"app", "sandbox", "models", "exchanger", "webhook", "config", "money", "messages"},
	"internal": {},
	"":         {"app"}, // main.go
}

// unseen are packages that must not even be reached on a detour, by the folder that must not reach them.
var unseen = map[string][]string{
	"views":    {`^mostrador/(models|checkout|exchanger|staff|webhook)`, `^gorm\.io/`, `/echo/`},
	"checkout": {`/labstack/echo/`, `^mostrador/(views|handlers)`},
	"sandbox":  {`^mostrador/exchanger`, `^gorm\.io/`},
	"money":    {`^net/http$`, `^gorm\.io/`},
}

// guarded are foreign packages that only some folders may name, so that there is one place to look for each.
var guarded = []struct {
	name, packages string
	folders        []string
}{
	{"SQL and gorm", `^(gorm\.io/.*|database/sql|modernc\.org/sqlite.*|github\.com/jackc/.*|github\.com/pressly/goose.*)$`, []string{"models", "internal"}},
	{"River", `^github\.com/riverqueue/`, []string{"models", "checkout", "jobs", "app", "internal"}},
	{"echo", `^github\.com/labstack/echo/`, []string{"handlers", "app", "internal"}},
	{"huma", `^github\.com/danielgtaylor/huma/`, []string{"handlers", "internal"}},
	{"chromedp", `^github\.com/chromedp/`, []string{"e2e", "internal"}},
	{"testing", `^testing$`, []string{"models", "e2e"}}, // of models only modelstest, see below
}

// pkg is what go list tells of a package.
type pkg struct {
	ImportPath    string
	Imports, Deps []string
	GoFiles       []string
	Dir           string
}

// folder is the top folder of one of our packages, "" for main.
func (p pkg) folder() string { return folderOf(p.ImportPath) }

func folderOf(path string) string {
	rest, _ := strings.CutPrefix(path, module)
	top, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	return top
}

func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// packages lists our packages as they are built, without their tests.
func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,Deps,GoFiles,Dir", "./...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		if ours(p.ImportPath) && len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := layers[p.folder()]
		if !known {
			t.Errorf("%s: no layer is named for the folder %s: see layers in this test and Structure in docs/architecture.md", p.ImportPath, p.folder())
			continue
		}
		for _, i := range p.Imports {
			if ours(i) && folderOf(i) != p.folder() && !slices.Contains(allowed, folderOf(i)) {
				t.Errorf("%s imports %s; it may import %s", p.ImportPath, i, strings.Join(allowed, ", "))
			}
		}
	}
}

func TestWhatMustNotBeSeenIsNotReachedOnADetour(t *testing.T) {
	for _, p := range packages(t) {
		for _, pattern := range unseen[p.folder()] {
			re := regexp.MustCompile(pattern)
			for _, dep := range p.Deps {
				if re.MatchString(dep) {
					t.Errorf("%s reaches %s", p.ImportPath, dep)
				}
			}
		}
	}
}

func TestOneFolderKnowsEachTool(t *testing.T) {
	for _, p := range packages(t) {
		for _, g := range guarded {
			if slices.Contains(g.folders, p.folder()) {
				continue
			}
			re := regexp.MustCompile(g.packages)
			for _, i := range p.Imports {
				if re.MatchString(i) {
					t.Errorf("%s imports %s: %s is for %s alone", p.ImportPath, i, g.name, strings.Join(g.folders, ", "))
				}
			}
		}
	}
}

func TestNoTestHelperIsInTheProgram(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath == module+"/app" || p.ImportPath == module {
			for _, dep := range p.Deps {
				if dep == "testing" || ours(dep) && strings.HasSuffix(dep, "test") {
					t.Errorf("%s reaches %s, which is for tests", p.ImportPath, dep)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	vague := []string{"util", "utils", "common", "types", "helpers", "misc"}
	for _, p := range packages(t) {
		name := filepath.Base(p.Dir)
		if slices.Contains(vague, name) {
			t.Errorf("%s: a name that says nothing", p.ImportPath)
		}
		if p.ImportPath == module || p.folder() == "internal" {
			continue
		}
		if !documented(t, p, name) {
			t.Errorf("%s: no file begins with // Package %s (doc.go is its place)", p.ImportPath, name)
		}
	}
}

func documented(t *testing.T, p pkg, name string) bool {
	t.Helper()
	re := regexp.MustCompile(`(?m)^// Package ` + name + ` `)
	return slices.ContainsFunc(p.GoFiles, func(f string) bool {
		raw, err := os.ReadFile(filepath.Join(p.Dir, f))
		if err != nil {
			t.Fatal(err)
		}
		return re.Match(raw)
	})
}

// TestMigrationsAreTwins holds the files of both databases to one another: a number stands for one migration, of one name, on both.
func TestMigrationsAreTwins(t *testing.T) {
	names := map[string]string{} // number → name
	for _, path := range glob(t, "models/migrations/*/*.sql") {
		number, _, _ := strings.Cut(filepath.Base(path), "_")
		if was, ok := names[number]; ok && was != filepath.Base(path) {
			t.Errorf("%s and %s have one number", was, filepath.Base(path))
		}
		names[number] = filepath.Base(path)
	}
	for _, name := range names {
		if n := len(glob(t, "models/migrations/*/"+name)); n != 2 {
			t.Errorf("%s stands in %d folders", name, n)
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	if err != nil || len(list) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return list
}
