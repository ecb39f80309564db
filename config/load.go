package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// delimiter joins the levels of a key inside koanf. Names of headers may hold dots, none holds this.
const delimiter = "\x1f"

// envPrefix begins the name of every variable that sets a key; those of the tests are none of ours.
const (
	envPrefix     = "MOSTRADOR_"
	envTestPrefix = "MOSTRADOR_TEST_"
)

// Load reads the YAML file at path and the environment over it (environ as os.Environ gives it), on top of Default.
// pathGiven says that a person named the file: then it has to exist; without it a missing file is an empty one.
// A list in the environment replaces the file's, as a list in the file replaces the default.
// The error is Errors, all mistakes at once; no line holds a password, a header's value or a wallet.
func Load(path string, pathGiven bool, environ []string) (Config, error) {
	m := &mistakes{}
	k := koanf.New(delimiter)
	if err := loadFile(k, path, pathGiven); err != nil {
		var found Errors
		if !errors.As(err, &found) {
			found = Errors{{"config file", show(path), err.Error()}}
		}
		return Config{}, found // what the environment sets over an unreadable file says little
	}
	if err := k.Load(layer(fromEnviron(environ, m)), nil); err != nil {
		return Config{}, fmt.Errorf("merge environment: %w", err)
	}
	c := Default()
	decode(k.Raw(), reflect.ValueOf(&c).Elem(), "", m)
	finish(&c, k)
	check(c, m)
	if err := m.err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

func loadFile(k *koanf.Koanf, path string, given bool) error {
	err := k.Load(file.Provider(path), textYAML{})
	switch {
	case errors.Is(err, os.ErrNotExist) && !given:
		return nil
	case errors.Is(err, os.ErrNotExist):
		return Errors{{"--config", show(path), "a file that exists"}}
	case err == nil:
		return nil
	}
	var found Errors
	if errors.As(err, &found) {
		return found
	}
	var p *os.PathError
	if errors.As(err, &p) {
		return Errors{{"config file", show(path), "a file that can be read (" + p.Err.Error() + ")"}}
	}
	return fmt.Errorf("a file that can be read (%w)", err)
}

// finish fills in what follows from other keys and brings values to one form.
func finish(c *Config, k *koanf.Koanf) {
	if c.Live() && !k.Exists("security"+delimiter+"payout_delay") {
		c.Security.PayoutDelay = DefaultPayoutDelay
	}
	for _, u := range []*string{&c.Server.PublicURL, &c.Sandbox.PublicURL} {
		*u = strings.TrimRight(*u, "/")
	}
	for i := range c.Exchanger.Sites {
		s := &c.Exchanger.Sites[i]
		s.BaseURL, s.APIPath = strings.TrimRight(s.BaseURL, "/"), strings.TrimRight(s.APIPath, "/")
	}
	if rest, ok := strings.CutPrefix(c.Database.URL, "sqlite://"); ok {
		c.Database.URL = "sqlite:" + rest // sqlite:///var/shop.db, as other programs write it
	} else if rest, ok := strings.CutPrefix(c.Database.URL, "postgresql://"); ok {
		c.Database.URL = "postgres://" + rest
	}
	if p := &c.Exchanger.Poll; p.Max > 0 {
		p.Watched, p.First = min(p.Watched, p.Max), min(p.First, p.Max)
	}
}

// layer is a koanf.Provider of a map that is already there.
type layer map[string]any

// Read returns the map.
func (l layer) Read() (map[string]any, error) { return l, nil }

// ReadBytes is not supported: the map was never text.
func (l layer) ReadBytes() ([]byte, error) { return nil, errors.New("a layer has no bytes") }

// fromEnviron turns MOSTRADOR_SHOP__CURRENCY=EUR into {shop: {currency: EUR}}. Deeper names win over JSON for their
// whole section.
func fromEnviron(environ []string, m *mistakes) map[string]any {
	type variable struct {
		levels []string
		value  string
	}
	var set []variable
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		rest, ours := strings.CutPrefix(name, envPrefix)
		if !ours || strings.HasPrefix(name, envTestPrefix) {
			continue
		}
		levels := strings.Split(strings.ToLower(rest), "__")
		if t := typeAt(levels); t == nil || rest != strings.ToUpper(rest) {
			key := strings.Join(levels, ".")
			m.add(key, "an unknown key ("+name+")", nearest(key))
			continue
		}
		set = append(set, variable{levels, value})
	}
	slices.SortStableFunc(set, func(a, b variable) int { return len(a.levels) - len(b.levels) })
	out := map[string]any{}
	for _, v := range set {
		value := fromVariable(typeAt(v.levels), strings.Join(v.levels, "."), v.value, m)
		put(out, v.levels, value)
	}
	return out
}

func put(into map[string]any, levels []string, value any) {
	for _, l := range levels[:len(levels)-1] {
		next, ok := into[l].(map[string]any)
		if !ok {
			next = map[string]any{}
			into[l] = next
		}
		into = next
	}
	if value != nil {
		into[levels[len(levels)-1]] = value
	}
}

// typeAt is the type of the key with these levels, nil when there is none.
func typeAt(levels []string) reflect.Type {
	t := reflect.TypeFor[Config]()
next:
	for _, l := range levels {
		if !section(t) {
			return nil
		}
		for _, f := range fields(t) {
			if f.name == l {
				t = t.Field(f.index).Type
				continue next
			}
		}
		return nil
	}
	return t
}
