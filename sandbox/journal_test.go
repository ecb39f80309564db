package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// reopen copies the state file as a killed process leaves it (no Close) and opens the copy.
func (r *rig) reopen(path string, damage func([]byte) []byte) *rig {
	r.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	if damage != nil {
		data = damage(bytes.Clone(data))
	}
	copied := filepath.Join(r.t.TempDir(), "killed.journal")
	if err := os.WriteFile(copied, data, 0o600); err != nil {
		r.t.Fatal(err)
	}
	s, err := New(Config{StateFile: copied})
	if err != nil {
		r.t.Fatal(err)
	}
	again := &rig{Sandbox: s, t: r.t}
	r.t.Cleanup(func() { s.Close() })
	return again
}

func TestStateSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "sandbox.journal")
	r := start(t, Config{StateFile: path})
	a, b := r.order("BTC", "USDTTRC20", "-25"), r.order("XRP", "WMZ", "-25")
	r.Move(b.UID, StatusHold, true)
	r.SetFaults(Faults{DoubleNotifications: true, Slow: time.Second, MoveRates: dec("1.5")})
	r.SetSettings(Settings{Step: time.Minute, Life: 2 * time.Hour})
	r.Advance(10 * time.Minute)
	r.notified()

	again := r.reopen(path, nil)
	want, got := r.Orders(), again.Orders()
	if fmt.Sprintf("%+v", want) != fmt.Sprintf("%+v", got) {
		t.Errorf("orders\n%+v\nwant\n%+v", got, want)
	}
	f := again.Faults()
	if !f.DoubleNotifications || f.Slow != time.Second || !f.MoveRates.Equal(dec("1.5")) {
		t.Errorf("faults %+v", f)
	}
	if !reflect.DeepEqual(again.Settings(), r.Settings()) || again.Clock().Sub(r.Clock()).Abs() > time.Second {
		t.Errorf("settings %+v, clock %s", again.Settings(), again.Clock())
	}
	if a.UID != firstUID || again.lastUID != b.UID {
		t.Errorf("uids go on at %d", again.lastUID)
	}
}

func TestAWalkGoesOnAfterAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.journal")
	r := start(t, Config{StateFile: path})
	r.SetSettings(Settings{Step: 150 * time.Millisecond})
	o := r.order("BTC", "USDTTRC20", "-25")
	r.page("POST", pageURL("en", "payment", &o), map[string][]string{"how": {"full"}})
	again := r.reopen(path, nil)
	eventually(t, "the killed sandbox's order is done", func() bool { return again.one(jsInt(o.UID)).Status == StatusDone })
}

func TestATornLastLineIsCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.journal")
	r := start(t, Config{StateFile: path})
	o := r.order("BTC", "USDTTRC20", "-25")
	r.Move(o.UID, StatusInProgress, false)
	r.Move(o.UID, StatusDone, false)
	full, _ := os.ReadFile(path)
	last := bytes.LastIndexByte(full[:len(full)-1], '\n') + 1
	for cut := last + 1; cut < len(full); cut += (len(full) - last) / 9 { // every length that a killed write may leave
		again := r.reopen(path, func(d []byte) []byte { return d[:cut] })
		if got := again.one(jsInt(o.UID)).Status; got != StatusInProgress {
			t.Fatalf("cut at %d of %d: %s", cut, len(full), got)
		}
		again.Move(o.UID, StatusHold, false) // and what is written next is read next
		data, _ := os.ReadFile(again.journal.path)
		if third := again.reopen(again.journal.path, nil); third.one(jsInt(o.UID)).Status != StatusHold {
			t.Fatalf("after the cut nothing is kept: %s", data)
		}
		again.Close()
	}
	again := r.reopen(path, func(d []byte) []byte { d[len(d)-10] ^= 1; return d })
	if got := again.one(jsInt(o.UID)).Status; got != StatusInProgress {
		t.Errorf("a last line with a wrong sum: %s", got)
	}
}

func TestADamagedMiddleIsAnErrorThatNamesTheLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.journal")
	r := start(t, Config{StateFile: path})
	r.order("BTC", "USDTTRC20", "-25")
	r.Close()
	data, _ := os.ReadFile(path)
	data[12] ^= 1
	os.WriteFile(path, data, 0o600)
	if _, err := New(Config{StateFile: path}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("opened: %v", err)
	}
}

func TestCompactionKeepsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.journal")
	r := start(t, Config{StateFile: path})
	o := r.order("BTC", "USDTTRC20", "-25")
	for range 2500 {
		r.Move(o.UID, StatusHold, false)
	}
	if r.journal.lines > 2100 {
		t.Errorf("%d lines were never compacted", r.journal.lines)
	}
	if n := len(r.Orders()[0].History); n > keptEntries {
		t.Errorf("history grew to %d", n)
	}
	if got := r.reopen(path, nil).one(jsInt(o.UID)); got.Status != StatusHold || got.History[0].Status != StatusNew {
		t.Errorf("order %+v", got)
	}
}

func TestResetForgetsButCountsOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.journal")
	r := start(t, Config{StateFile: path})
	first := r.order("BTC", "USDTTRC20", "-25")
	r.SetFaults(Faults{DoubleNotifications: true})
	r.Advance(time.Hour)
	r.Reset()
	again := r.reopen(path, nil)
	for _, s := range []*Sandbox{r.Sandbox, again.Sandbox} {
		if len(s.Orders()) != 0 || s.Faults().DoubleNotifications || s.Clock().Sub(time.Now()) > time.Minute || s.lastUID != first.UID {
			t.Error("something is left")
		}
	}
	if o := r.order("BTC", "USDTTRC20", "-25"); o.UID != first.UID+1 {
		t.Errorf("uid %d again", o.UID)
	}
}

// Whatever was done, the file says the same as the memory.
func TestJournalAddsUpToTheState(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		s, err := New(Config{StateFile: path})
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		uids := []int64{}
		for range rapid.IntRange(1, 25).Draw(rt, "actions") {
			switch rapid.IntRange(0, 4).Draw(rt, "action") {
			case 0:
				s.mu.Lock()
				o := &Order{ID: randomHex(12), Secret: "s", From: "BTC", To: "WMZ", RouteID: s.cat.byXML("BTC", "WMZ").ID, InAmount: dec("1"), OutAmount: dec("2")}
				s.admit(o)
				s.mu.Unlock()
				uids = append(uids, o.UID)
			case 1:
				if len(uids) > 0 {
					s.Move(rapid.SampledFrom(uids).Draw(rt, "uid"), rapid.SampledFrom(Statuses).Draw(rt, "status"), false)
				}
			case 2:
				s.Advance(time.Duration(rapid.IntRange(1, 3000).Draw(rt, "seconds")) * time.Second)
			case 3:
				s.SetFaults(Faults{Chance: rapid.IntRange(0, 100).Draw(rt, "chance")})
			case 4:
				if rapid.IntRange(0, 9).Draw(rt, "reset") == 0 {
					s.Reset()
					uids = nil
				}
			}
		}
		want := fmt.Sprintf("%+v %+v %v", s.Orders(), s.Faults(), s.offset)
		data, _ := os.ReadFile(path)
		os.WriteFile(path+".copy", data, 0o600)
		again, err := New(Config{StateFile: path + ".copy"})
		if err != nil {
			rt.Fatal(err)
		}
		defer again.Close()
		if got := fmt.Sprintf("%+v %+v %v", again.Orders(), again.Faults(), again.offset); got != want {
			rt.Fatalf("file\n%s\nmemory\n%s", got, want)
		}
	})
}
