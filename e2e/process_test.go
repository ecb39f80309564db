package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// site is a folder with its own configuration in which the program runs.
type site struct {
	t    testing.TB
	dir  string
	env  map[string]string
	vars []string // further variables of the program's environment, as NAME=VALUE
}

// newSite makes an empty folder; extra are variables beside MOSTRADOR_, as KEY, VALUE.
func newSite(t testing.TB, extra ...string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), env: map[string]string{
		"SERVER__LISTEN": "127.0.0.1:0", "SANDBOX__LISTEN": "127.0.0.1:0", "SHOP__DEMO": "true", "LIMITS__ORDERS_PER_MINUTE": "100000", "EXCHANGER__TIMEOUT": "3s",
	}}
	s.set(extra...)
	return s
}

func (s *site) set(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		s.env[pairs[i]] = pairs[i+1]
	}
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LANG=C"}
	for k, v := range s.env {
		cmd.Env = append(cmd.Env, "MOSTRADOR_"+k+"="+v)
	}
	cmd.Env = append(cmd.Env, s.vars...)
	return cmd
}

// result is what a command that ended has said.
type result struct {
	code           int
	stdout, stderr string
}

// run runs a command to its end.
func (s *site) run(stdin string, args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	cmd := s.command(ctx, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// must fails the test unless the command ended with the code.
func (r result) must(t testing.TB, code int) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit %d, want %d\n%s\n%s", r.code, code, r.stdout, r.stderr)
	}
	return r
}

// lines are those of stderr that a person reads; JSON is for programs.
func (r result) lines() []string {
	var out []string
	for _, l := range strings.Split(strings.TrimSpace(r.stderr), "\n") {
		if l != "" && !strings.HasPrefix(l, "{") {
			out = append(out, l)
		}
	}
	return out
}

// process is a running serve or sandbox.
type process struct {
	t        testing.TB
	cmd      *exec.Cmd
	shop     string // address that it printed, without a slash at the end
	sandbox  string
	setup    string
	out, err *output
	ended    chan struct{}
}

// output collects what a process writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start starts a command that goes on, and waits until it has said where it listens.
func (s *site) start(args ...string) *process {
	s.t.Helper()
	p := &process{t: s.t, cmd: s.command(context.Background(), args...), out: &output{}, err: &output{}, ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.cmd.Wait() //nolint:errcheck // how it ended is in ProcessState
	}()
	s.t.Cleanup(p.kill)
	until(s.t, "the program says where it listens", func() bool {
		if p.over() {
			s.t.Fatalf("the program ended at its start:\n%s\n%s", p.out, p.err)
		}
		return strings.Contains(p.out.String(), "Listening on ")
	})
	for _, line := range strings.Split(p.out.String(), "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) > 1 && f[0] == "Shop":
			p.shop = f[1]
		case len(f) > 1 && f[0] == "Sandbox":
			p.sandbox = strings.TrimSuffix(f[1], "/control")
		case len(f) > 2 && f[0] == "Set":
			p.setup = f[2]
		}
	}
	return p
}

// serve is start, and waits until the shop is ready. Its address is kept for the commands that follow and the next start.
func (s *site) serve() *process {
	s.t.Helper()
	p := s.start("serve")
	until(s.t, "the shop is ready", func() bool { return status(p.shop+"/readyz") == http.StatusOK })
	s.set("SERVER__PUBLIC_URL", p.shop, "SERVER__LISTEN", strings.Replace(strings.TrimPrefix(p.shop, "http://"), "localhost", "127.0.0.1", 1))
	if p.sandbox != "" {
		s.set("SANDBOX__PUBLIC_URL", p.sandbox, "SANDBOX__LISTEN", strings.Replace(strings.TrimPrefix(p.sandbox, "http://"), "localhost", "127.0.0.1", 1))
	}
	return p
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	if !p.over() {
		p.cmd.Process.Kill() //nolint:errcheck // it may have ended meanwhile
	}
	<-p.ended
}

// stop asks the process to end and returns its exit code.
func (p *process) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Fatalf("it does not stop:\n%s", p.err)
	}
	return p.cmd.ProcessState.ExitCode()
}

var client = &http.Client{
	Timeout:       20 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 32, DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// status is the HTTP status of a GET, 0 without an answer.
func status(url string) int {
	resp, err := client.Get(url)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body) //nolint:errcheck // the status is what was asked for
	return resp.StatusCode
}

// until waits for a condition, with a deadline.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(40 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("waited for: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// freePort is an address that nobody listens on at the moment.
func freePort(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// rounds is how often a test of chance is run: fewer, unless the soak asks for more.
func rounds(t testing.TB, usual int) int {
	t.Helper()
	for _, name := range []string{"MOSTRADOR_TEST_ROUNDS", "MOSTRADOR_TEST_CRASHES"} {
		var n int
		if _, err := fmt.Sscan(os.Getenv(name), &n); err == nil && n > 0 {
			return n
		}
	}
	return usual
}
