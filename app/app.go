package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"mostrador/config"
)

// Exit codes.
const (
	exitOK    = 0
	exitError = 1 // it was tried and failed; one line on stderr says why
	exitUsage = 2 // the command line or the configuration is wrong
)

const usageText = `Usage: mostrador [--config FILE] [COMMAND]

  serve                            the shop (the default); in sandbox mode the rehearsal exchanger too
  sandbox                          the rehearsal exchanger alone
  migrate up|down|status           the database's schema
  admin create --email E [--role owner|manager|viewer]
                                   an account for the dashboard, its password on standard input
  admin reset --email E            a new password, on standard input
  apikey create --name N [--scopes S,S]
                                   a key for the API, printed once
  doctor                           check configuration, database, event logs, exchangers and the public address
  explain NUMBER                   why an order is where it is
  backup FILE                      a consistent copy of an SQLite database, while the shop runs
  backup --made                    tells the desk that other tools made a backup, such as pg_dump
  restore FILE                     put such a copy in the place of the database
  version                          which version this is

--config FILE is config.yaml where it is not given; MOSTRADOR_… variables win over it.
`

// command is one word of the command line. parse reads its own arguments and returns what runs.
type command struct {
	parse func(args []string) (run, error)
	bare  bool // needs no configuration
}

type run func(ctx context.Context, p *program) error

var commands = map[string]command{
	"serve":   {parse: plain(serve)},
	"sandbox": {parse: plain(sandboxAlone)},
	"migrate": {parse: parseMigrate},
	"admin":   {parse: parseAdmin},
	"apikey":  {parse: parseAPIKey},
	"doctor":  {parse: plain(doctor)},
	"explain": {parse: parseExplain},
	"backup":  {parse: parseBackup},
	"restore": {parse: parseRestore},
	"version": {parse: plain(version), bare: true},
}

// program is what a command runs with.
type program struct {
	cfg     config.Config
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	environ []string
}

// usageError is a command line that cannot be understood.
type usageError struct{ what string }

// Error says what is wrong with the command line.
func (e *usageError) Error() string { return e.what }

// errSaid ends a command that has said everything already.
var errSaid = errors.New("failed")

// Main runs the command line without the program's name and returns the exit code: 0, 1 for a failure, 2 for a command line or
// configuration that is wrong. environ is as os.Environ gives it. The first SIGTERM or interrupt ends what runs gracefully, the second at once.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal meets the default: the process ends
	return Run(ctx, args, stdin, stdout, stderr, environ)
}

// Run is Main without signals: ctx ends what runs.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	path, given, rest, err := takeConfig(args)
	if err != nil {
		return wrongUsage(stderr, err)
	}
	name := "serve"
	if len(rest) > 0 {
		if slices.Contains([]string{"help", "-h", "-help", "--help"}, rest[0]) {
			fmt.Fprint(stdout, usageText)
			return exitOK
		}
		if strings.HasPrefix(rest[0], "-") {
			return wrongUsage(stderr, &usageError{"unknown flag " + rest[0]})
		}
		name, rest = rest[0], rest[1:]
	}
	c, ok := commands[name]
	if !ok {
		return wrongUsage(stderr, &usageError{fmt.Sprintf("unknown command %q", name)})
	}
	do, err := c.parse(rest)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usageText)
		return exitOK
	}
	if err != nil {
		return wrongUsage(stderr, err)
	}
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, environ: environ}
	if !c.bare {
		if p.cfg, err = config.Load(path, given, environ); err != nil {
			fmt.Fprintln(stderr, err)
			return exitUsage
		}
	}
	switch err := do(ctx, p); {
	case err == nil:
		return exitOK
	case errors.Is(err, errSaid):
		return exitError
	default:
		fmt.Fprintln(stderr, "mostrador: "+oneLine(err))
		return exitError
	}
}

func wrongUsage(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "mostrador: %v\n\n%s", err, usageText)
	return exitUsage
}

// oneLine makes one line of an error, whatever was wrapped into it.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// takeConfig takes --config FILE out of the arguments, wherever it stands.
func takeConfig(args []string) (path string, given bool, rest []string, err error) {
	path = "config.yaml"
	for i := 0; i < len(args); i++ {
		name, value, has := strings.Cut(args[i], "=")
		if args[i] == "--" {
			return path, given, append(rest, args[i+1:]...), nil
		}
		if name != "--config" && name != "-config" {
			rest = append(rest, args[i])
			continue
		}
		if !has {
			if i++; i == len(args) {
				return "", false, nil, &usageError{"--config wants a file"}
			}
			value = args[i]
		}
		if value == "" {
			return "", false, nil, &usageError{"--config wants a file"}
		}
		path, given = value, true
	}
	return path, given, rest, nil
}

// plain is the parser of a command without arguments.
func plain(do run) func([]string) (run, error) {
	return func(args []string) (run, error) {
		_, err := parseFlags(flags(), args, 0)
		return do, err
	}
}

// flags makes an empty set that prints nothing by itself.
func flags() *flag.FlagSet {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	return f
}

// parseFlags reads flags and exactly n words, in any order.
func parseFlags(f *flag.FlagSet, args []string, n int) ([]string, error) {
	var words []string
	for {
		if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, &usageError{err.Error()}
		}
		if args = f.Args(); len(args) == 0 {
			break
		}
		words, args = append(words, args[0]), args[1:]
	}
	switch {
	case len(words) > n:
		return nil, &usageError{fmt.Sprintf("unexpected %q", words[n])}
	case len(words) < n:
		return nil, &usageError{"something is missing"}
	}
	return words, nil
}
