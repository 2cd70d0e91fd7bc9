package sync_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/store/storetest"
)

// backups are the names of the backups beside the store, by date.
func (w *world) backups() []string {
	w.Helper()
	found, err := filepath.Glob(w.path + ".*")
	w.must(err)
	for i, path := range found {
		found[i] = strings.TrimPrefix(filepath.Base(path), filepath.Base(w.path))
	}
	return found
}

func nights(month time.Month, from, to int) (names []string) {
	for day := from; day <= to; day++ {
		names = append(names, fmt.Sprintf(".backup-2026-%02d-%02d", month, day))
	}
	return names
}

// A fortnight with restarts and a kill: one backup in each of Auckland's nights, of which the last seven are kept.
func TestEachNightTheStoreIsBackedUp(t *testing.T) {
	slowUnderRace(t)
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before the first night")
		w.quiet()
		if got, want := w.backups(), nights(time.November, 9, 9); !slices.Equal(got, want) {
			w.Fatalf("after the first cycles there are %q, want %q", got, want)
		}
		auckland, err := time.LoadLocation("Pacific/Auckland")
		w.must(err)
		before := w.backups()
		for i := range 14 * 24 * 3 { // a cycle every 20 minutes
			time.Sleep(20 * time.Minute)
			switch {
			case i%72 == 40:
				w.won(fmt.Sprint("Deal ", i))
			case i == 200:
				w.bury()
				w.New = false
			case i%50 == 0:
				w.shutDown()
			}
			w.run()
			if now := w.backups(); !slices.Equal(before, now) {
				if at := time.Now().In(auckland); at.Hour() != 2 || at.Minute() > 21 {
					w.Errorf("a backup at %s", at)
				}
				before = now
			}
		}
		if got, want := before, nights(time.November, 17, 23); !slices.Equal(got, want) {
			w.Errorf("there are %q, want %q", got, want)
		}
		if n := len(w.logged("backup.done")); n != 15 {
			w.Errorf("%d backups were logged, want 15", n)
		}
		for _, name := range before {
			info, err := os.Stat(w.path + name)
			w.must(err)
			if info.Mode() != 0o600 {
				w.Errorf("%s has mode %v", name, info.Mode())
			}
			storetest.Check(w, w.path+name)
		}
	})
}

// A night without a daemon is made up for in the morning, once.
func TestAMissedBackupIsMadeUpFor(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.run()
		w.shutDown()
		time.Sleep(63 * time.Hour) // Thursday noon in Auckland
		for range 5 {
			w.run()
			w.shutDown()
			time.Sleep(time.Hour)
		}
		if got, want := w.backups(), append(nights(time.November, 9, 9), nights(time.November, 12, 12)...); !slices.Equal(got, want) {
			w.Errorf("there are %q, want %q", got, want)
		}
		if n := len(w.logged("backup.done")); n != 2 {
			w.Errorf("%d backups were made, want 2", n)
		}
	})
}

// A backup that fails is told and made later; the deals do not wait for it.
func TestAFailingBackupStopsNothing(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		inTheWay := w.path + ".backup-2026-11-09"
		w.must(os.Mkdir(inTheWay, 0o700))
		deal := w.won("All the same")
		w.quiet()
		for range 40 {
			time.Sleep(10 * time.Minute)
			w.run()
		}
		w.invoice(deal)
		failed := w.logged("backup.failed")
		if len(failed) != 1 || !strings.Contains(fmt.Sprint(failed[0]["error"]), "could not be backed up to "+inTheWay) {
			w.Fatalf("told: %v", failed)
		}
		w.must(os.Remove(inTheWay))
		time.Sleep(time.Hour)
		w.run()
		if n := len(w.logged("backup.done")); n != 1 {
			w.Errorf("%d backups were made, want 1", n)
		}
		storetest.Check(w, inTheWay)
	})
}

// The store is gone and a backup takes its place. What was invoiced since is found by its marks, and a daemon that is
// killed while it waits out the minute of which the backup knows nothing does not forget to wait.
func TestABackupTakesTheStoresPlace(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		first := w.won("In the backup")
		w.quiet()
		w.later(24 * time.Hour)
		var later []string
		for i := range 30 {
			later = append(later, w.won(fmt.Sprint("After the backup ", i)))
		}
		w.later(time.Hour)
		for range 25 { // a busy minute, unknown to the backup
			w.run()
		}
		w.bury()
		kept, err := os.ReadFile(w.path + ".backup-2026-11-10")
		w.must(err)
		w.must(os.WriteFile(w.path, kept, 0o600))
		w.New = false
		for range 3 { // killed at once, and again
			w.start()
			w.bury()
		}
		calls, _ := w.calls()
		restarted := time.Now()
		w.run()
		if took := time.Since(restarted); took < time.Minute {
			w.Errorf("the first cycle took %s", took)
		}
		if now, _ := w.calls(); now == calls {
			w.Error("nothing was asked of Xero")
		}
		w.quiet()
		w.inStep()
		w.view(func(tx *store.Tx) error {
			if _, ok := tx.Token("xero"); ok {
				w.Error("a token came out of the backup")
			}
			return nil
		})
		w.invoice(first)
		for _, deal := range later {
			w.invoice(deal)
		}
		if started := w.logged("daemon.started"); !strings.Contains(fmt.Sprint(started[len(started)-1]["quarantine"]), "it is a backup made at 2026-11-10T") {
			w.Errorf("started with %v", started[len(started)-1])
		}
		if len(w.logged("invoice.adopted")) != len(later) {
			w.Errorf("%d invoices were adopted, want %d", len(w.logged("invoice.adopted")), len(later))
		}
	})
}
