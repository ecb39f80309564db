package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

func readAll(r io.Reader) ([]byte, error) { return io.ReadAll(r) }

const proxyPage = `<!DOCTYPE html>
<html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>
`

// brokenBefore plays the faults that come before anything is done; true when one has answered.
func (f Faults) brokenBefore(w http.ResponseWriter, r *http.Request) bool {
	if f.Slow > 0 {
		http.NewResponseController(w).SetWriteDeadline(time.Time{}) // may not be supported; then the server's own holds
		t := time.NewTimer(f.Slow)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return true
		}
	}
	switch {
	case f.TooMany > 0:
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(f.TooMany.Round(time.Second)/time.Second))))
		http.Error(w, "Too Many Requests", http.StatusTooManyRequests)
	case f.RedirectTo != "":
		w.Header().Set("Location", f.RedirectTo)
		w.WriteHeader(http.StatusFound)
	case f.Errors:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case f.HTMLErrors:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, proxyPage)
	default:
		return false
	}
	return true
}

// answer writes what was computed, or what a fault leaves of it.
func (f Faults) answer(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	switch {
	case f.ResetAfter:
		reset(w)
	case f.ErrorsAfter:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case f.EmptyBody:
		w.WriteHeader(http.StatusOK)
	case f.HalfAnswer:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		w.Write(body[:len(body)/2])
		http.NewResponseController(w).Flush()
		hangUp(w)
	case f.HugeBody:
		huge(w, body)
	case f.Drip:
		drip(w, r, status, body)
	default:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		w.Write(body)
		http.NewResponseController(w).Flush() // before the notification goes out
	}
}

// reset breaks the connection so that the other side sees "connection reset by peer".
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // HTTP/2 or a recorder: there is no connection to break
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		conn.Close()
	}
}

// huge answers 20 MiB of JSON: the true answer, with a member in front that nobody asked for.
func huge(w http.ResponseWriter, body []byte) {
	const size = 20 << 20
	w.WriteHeader(http.StatusOK)
	io.WriteString(w, `{"padding":"`)
	block := bytes.Repeat([]byte("x"), 64<<10)
	for sent := 0; sent < size; sent += len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
	fmt.Fprintf(w, `",%s`, body[1:])
}

// drip answers one byte a second until it is done or the caller goes.
func drip(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	rc := http.NewResponseController(w)
	rc.SetWriteDeadline(time.Time{})
	w.WriteHeader(status)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for _, b := range body {
		if _, err := w.Write([]byte{b}); err != nil {
			return
		}
		rc.Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}
