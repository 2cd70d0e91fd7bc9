package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/sync/remote"
	"sf2xero/xero/xerotest"
)

// Tokens end in the middle of the work: on a list, on a batch, on a write-back.
func TestTokensEndInMidWork(t *testing.T) {
	for name, expire := range map[string]func(*xerotest.Organisation){"expired": (*xerotest.Organisation).ExpireTokens, "revoked": (*xerotest.Organisation).RevokeTokens} {
		for _, call := range []string{"PUT /Contacts", "PUT /Invoices", "GET /Invoices", "POST /Invoices"} {
			t.Run(name+" before "+call, func(t *testing.T) {
				inWorld(t, authorised(), func(w *world) {
					for i := range 3 {
						w.won(fmt.Sprint("Deal ", i))
					}
					method, path, _ := strings.Cut(call, " ")
					w.whenCalled(method, path, func() { expire(w.books) })
					time.Sleep(11 * time.Minute)
					for range 3 {
						_, _ = w.tryOnce() // a token that is not good although it is young may end a run
						time.Sleep(time.Minute)
					}
					w.quiet()
					w.inStep()
				})
			})
		}
	}
}

// The Salesforce session ends, again and again.
func TestTheSessionEnds(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		for i := range 3 {
			w.whenCalled("POST", "/composite", w.crm.ExpireSessions)
			w.won(fmt.Sprint("Deal ", i))
			w.quiet()
		}
		w.inStep()
	})
}

// Somebody disconnects the app in Xero: said so, nothing lost, and it goes on after the connection is back.
func TestTheConnectionIsRemoved(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		deal := w.won("Meanwhile")
		w.books.Disconnect()
		time.Sleep(11 * time.Minute)
		_, err := w.try()
		if class := remote.ClassOf(err); class != remote.Auth && class != remote.BadConfig {
			w.Errorf("got %v of class %s", err, class)
		}
		w.books.Reconnect()
		time.Sleep(time.Minute)
		w.quiet()
		w.invoice(deal)
		w.inStep()
	})
}

// The daemon's own clock is hours wrong; only the servers' time counts.
func TestAWrongClock(t *testing.T) {
	for name, behind := range map[string]time.Duration{"nine hours behind": 9 * time.Hour, "two days ahead": -48 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{Behind: behind}, func(w *world) {
				for i := range 3 {
					w.won(fmt.Sprint("Deal ", i))
				}
				w.quiet()
				w.inStep()
				w.won("Later")
				w.bury()
				w.quiet()
				w.inStep()
			})
		})
	}
}
