//go:build linux

package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// smallDisk mounts a disk of a few MiB for the data of a shop; where that is not allowed the test is skipped.
func smallDisk(t *testing.T, s *site, mib int) string {
	t.Helper()
	dir := s.path("data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=700", mib)); err != nil {
		t.Skipf("a disk that can be filled needs the right to mount one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			syscall.Unmount(dir, 2) //nolint:errcheck // MNT_DETACH: somebody still looks in
		}
	})
	return dir
}

// fill takes all room that is left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestAFullDiskAcknowledgesNothing: with no room left the shop says that it cannot now, takes no notification for kept, makes no exchange
// order that it could not remember, and works on when there is room again.
func TestAFullDiskAcknowledgesNothing(t *testing.T) {
	s := newSite(t)
	e := newExchanger(t, s)
	e.control("faults", url.Values{"lose": {"1"}})
	dir := smallDisk(t, s, 12)
	p := s.serve()
	t.Cleanup(p.kill) // before the disk goes
	route := "box/" + e.route("LTC", "USDTTRC20")
	b := newPurchase(route)
	if ok, err := b.send(p.shop); !ok || err != nil || b.uid == "" {
		t.Fatal(ok, err, b.next)
	}
	orders, _ := e.orders()
	o := orders[0]
	acknowledged, refused, at := 0, 0, time.Now()
	fill(t, dir+"/rubbish")
	for range 3000 { // what the write-ahead log has room for is still written
		at = at.Add(time.Millisecond)
		if code := tell(t, &o, "waitPayment", at); code == http.StatusOK {
			acknowledged++
		} else if code == http.StatusServiceUnavailable {
			if refused++; refused > 3 {
				break
			}
		} else {
			t.Fatalf("a notification that cannot be stored is answered %d", code)
		}
		fill(t, dir+"/rubbish") // a checkpoint may have given room back
	}
	if refused == 0 {
		t.Fatal("the disk is full and everything is written")
	}
	for range 3 {
		if _, err := newPurchase(route).send(p.shop); err != nil { // a 503, or there was room for it
			t.Fatal(err)
		}
	}
	if got := status(p.shop + "/"); got != http.StatusOK {
		t.Errorf("the catalogue answers %d", got)
	}
	if got := status(p.shop + "/healthz"); got != http.StatusOK || p.over() {
		t.Errorf("the program answers %d", got)
	}
	if err := os.Remove(dir + "/rubbish"); err != nil {
		t.Fatal(err)
	}
	until(t, "notifications are taken again", func() bool {
		at = at.Add(time.Millisecond)
		if tell(t, &o, "waitPayment", at) != http.StatusOK {
			return false
		}
		acknowledged++
		return true
	})
	until(t, "orders are taken again", func() bool { ok, _ := newPurchase(route).send(p.shop); return ok })
	e.control("orders/"+b.uid+"/pay", url.Values{"how": {"full"}})
	s.settled(b.uid)
	store := s.open()
	orders, _ = e.orders()
	for _, o := range orders {
		if _, err := store.PaymentByToken(t.Context(), strings.TrimPrefix(o.IPNURL, p.shop+"/ipn/")); err != nil {
			t.Errorf("exchange order %d was made and its payment is not stored: %v", o.UID, err)
		}
	}
	total := 0
	for _, n := range notificationsByPayment(t, s) {
		total += n
	}
	if total < acknowledged {
		t.Errorf("%d notifications were answered 200, %d are kept", acknowledged, total)
	}
	t.Logf("%d notifications were taken, %d refused for want of room", acknowledged, refused)
	s.run("", "doctor").must(t, 0)
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d\n%s", code, p.err)
	}
}
