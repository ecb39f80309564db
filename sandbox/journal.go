package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// The state file is a journal: one line for each change, "crc32 in hex, a space, JSON, a newline". The last word on an
// order, the faults or the clock counts. A line is written with one call before anybody hears of the change, so a killed
// process loses at most a torn last line, which is cut off at the next start. Compaction writes a new file and renames it.

type kind string

const (
	kindOrder    kind = "order"
	kindFaults   kind = "faults"
	kindClock    kind = "clock"
	kindSettings kind = "settings"
	kindReset    kind = "reset" // also carries the uid to count on from
)

type entry struct {
	Kind     kind          `json:"kind"`
	Order    *Order        `json:"order,omitempty"`
	Faults   *Faults       `json:"faults,omitempty"`
	Settings *Settings     `json:"settings,omitempty"`
	Offset   time.Duration `json:"offset,omitempty"`
	LastUID  int64         `json:"last_uid,omitempty"`
}

type journal struct {
	path  string
	file  *os.File
	lines int // since the last compaction
}

var errTorn = errors.New("torn line")

// openJournal replays the file, cuts off a torn end and stands ready to append.
func openJournal(path string, replay func(entry)) (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	good, err := readJournal(f, replay)
	if err == nil {
		err = f.Truncate(good)
	}
	if err == nil {
		_, err = f.Seek(good, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &journal{path: path, file: f}, nil
}

// readJournal returns how many bytes of the file are whole lines. Only the last line may be torn: one before it means that
// somebody else wrote here, and guessing would lose orders without a word.
func readJournal(r io.Reader, replay func(entry)) (int64, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	var good int64
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return good, nil // whatever is left has no end: torn
		}
		if err != nil {
			return good, err
		}
		e, err := parseLine(line)
		if err != nil {
			if _, more := in.Peek(1); more == io.EOF {
				return good, nil
			}
			return good, fmt.Errorf("line %d: %w", n, err)
		}
		replay(e)
		good += int64(len(line))
	}
}

func parseLine(line []byte) (entry, error) {
	var e entry
	sum, body, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	if !ok {
		return e, errTorn
	}
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if err != nil || uint32(want) != crc32.ChecksumIEEE(body) {
		return e, errTorn
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return e, fmt.Errorf("read entry: %w", err)
	}
	return e, nil
}

func formatLine(e entry) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(body), body), nil
}

func (j *journal) append(e entry) error {
	line, err := formatLine(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(line); err != nil {
		return err
	}
	j.lines++
	return nil
}

// compact replaces the file by the given entries, whole or not at all.
func (j *journal) compact(entries []entry) error {
	tmp, err := os.OpenFile(j.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(tmp, 1<<16)
	for _, e := range entries {
		line, err := formatLine(e)
		if err == nil {
			_, err = w.Write(line)
		}
		if err != nil {
			tmp.Close()
			return err
		}
	}
	if err := errors.Join(w.Flush(), tmp.Sync()); err != nil {
		tmp.Close()
		return err
	}
	if err := os.Rename(j.path+".new", j.path); err != nil {
		tmp.Close()
		return err
	}
	j.file.Close()
	j.file, j.lines = tmp, 0
	return nil
}

func (j *journal) close() error {
	return errors.Join(j.file.Sync(), j.file.Close())
}

// record writes one entry; a disk that refuses is logged and does not stop the rehearsal.
func (s *Sandbox) record(e entry) {
	if s.journal == nil {
		return
	}
	err := s.journal.append(e)
	if err == nil && s.journal.lines > 2000+4*len(s.orders) {
		err = s.journal.compact(s.snapshot())
	}
	if err != nil {
		s.log.Error("sandbox state is not kept", "error", err)
	}
}

func (s *Sandbox) snapshot() []entry {
	list := []entry{
		{Kind: kindReset, LastUID: s.lastUID},
		{Kind: kindFaults, Faults: &s.faults},
		{Kind: kindSettings, Settings: &s.settings},
		{Kind: kindClock, Offset: s.offset},
	}
	for _, o := range s.orders {
		list = append(list, entry{Kind: kindOrder, Order: o})
	}
	return list
}

func (s *Sandbox) replay(e entry) {
	switch e.Kind {
	case kindOrder:
		if e.Order == nil {
			return
		}
		o := e.Order
		s.orders[o.UID] = o
		s.lastUID = max(s.lastUID, o.UID)
		delete(s.live, o.UID)
		if o.waiting() || len(o.Plan) > 0 {
			s.live[o.UID] = o
		}
	case kindFaults:
		if e.Faults != nil {
			s.faults = *e.Faults
		}
	case kindSettings:
		if e.Settings != nil {
			s.settings = *e.Settings
		}
	case kindClock:
		s.offset = e.Offset
	case kindReset:
		clear(s.orders)
		clear(s.live)
		s.faults, s.settings, s.offset = Faults{}, Settings{}, 0
		s.lastUID = max(s.lastUID, e.LastUID)
	}
}
