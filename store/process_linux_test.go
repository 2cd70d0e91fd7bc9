package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"sf2xero/store"
)

// roles are what this test binary does as a process of its own: to be killed,
// to run out of disk, to have no rights.
func roles() map[string]func(path string) error {
	return map[string]func(string) error{"write": writeForEver, "fill": fillTheDisk, "denied": openWithoutRights}
}

func TestMain(m *testing.M) {
	if role, ok := roles()[os.Getenv("STORE_TEST_ROLE")]; ok {
		if err := role(os.Getenv("STORE_TEST_PATH")); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func process(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "STORE_TEST_ROLE="+role, "STORE_TEST_PATH="+path)
	return cmd
}

// writeForEver stores one number after the other in three places and says each one once it is stored.
func writeForEver(path string) error {
	db, err := store.Open(path, store.Options{})
	if err != nil {
		return err
	}
	for {
		var n uint64
		err := db.Update(func(tx *store.Tx) error {
			var err error
			if n, err = tx.NextSequence(); err != nil {
				return err
			}
			id := fmt.Sprintf("%06d", n)
			return errors.Join(
				tx.PutRecord(store.Record{Key: deal(id), JSON: []byte(`{"Name":"` + strings.Repeat("x", int(n*37%900)) + `"}`)}),
				tx.PutLink(store.Link{Key: deal(id), Kind: "Invoices", XeroID: "x" + id}),
				tx.PutIntent(store.Intent{ID: id, Members: []store.Member{{Key: deal(id)}}, Call: []byte(`{}`)}),
				tx.Dequeue(deal(fmt.Sprintf("%06d", n/2))),
			)
		})
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func TestKilledAtAnyMomentItLosesNothingItSaidItHad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	draw := rand.New(rand.NewPCG(9, 9))
	for round := range 8 {
		cmd := process(t, "write", path)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		said := uint64(0)
		lines := bufio.NewScanner(out)
		for wanted := 1 + draw.IntN(60); wanted > 0 && lines.Scan(); wanted-- {
			if said, err = strconv.ParseUint(lines.Text(), 10, 64); err != nil {
				t.Fatalf("it said %q", lines.Text())
			}
		}
		must(t, cmd.Process.Kill())
		for lines.Scan() { // what it said before the signal arrived
			if n, err := strconv.ParseUint(lines.Text(), 10, 64); err == nil {
				said = n
			}
		}
		_ = cmd.Wait() // "signal: killed"
		db, err := store.Open(path, store.Options{})
		must(t, err)
		if unclean, _ := db.Unclean(); !unclean {
			t.Errorf("round %d: the kill went unnoticed", round)
		}
		must(t, db.Check())
		view(t, db, func(tx *store.Tx) {
			n := uint64(tx.LinkedEntries()["invoices"])
			if n < said || n > said+1 || len(tx.AllIntents()) != int(n) {
				t.Errorf("round %d: it said %d, there are %d links and %d intents", round, said, n, len(tx.AllIntents()))
			}
		})
		must(t, db.Abandon())
	}
}

// fillTheDisk runs into a limit on the file's size, which the system reports as it reports a full disk.
func fillTheDisk(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	full := limit
	full.Cur = 1 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		return err
	}
	db, err := store.Open(path, store.Options{})
	if err != nil {
		return err
	}
	fill := func(n int) error {
		return db.Update(func(tx *store.Tx) error {
			return tx.PutIntent(store.Intent{ID: fmt.Sprint(n), Members: []store.Member{{Key: deal("006A")}}, Call: make([]byte, 200_000)})
		})
	}
	stored := 0
	for ; ; stored++ {
		err := fill(stored)
		if err == nil && stored < 100 {
			continue
		}
		var p *store.Problem
		if !errors.As(err, &p) || !strings.Contains(err.Error(), "disk is full") || !strings.Contains(err.Error(), path) {
			return fmt.Errorf("after %d: %w", stored, err)
		}
		break
	}
	if err := fill(stored); err == nil {
		return errors.New("a second try went through")
	}
	if err := db.Backup(failing{nil}); err == nil {
		return errors.New("a backup went through")
	}
	full.Cur = 1 << 18 // no room for a copy
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		return err
	}
	_, _, backup := db.DatedBackup(noon, 7)
	if backup == nil || !strings.HasPrefix(backup.Error(), "the store "+path+" could not be backed up to "+path+".backup-2026-11-21 (") {
		return fmt.Errorf("a backup without room: %w", backup)
	}
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) > 0 {
		return fmt.Errorf("a backup without room leaves %q, %w", left, err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if err := errors.Join(db.Check(), fill(stored)); err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	if err := db.View(func(tx *store.Tx) error {
		if n := len(tx.AllIntents()); n != stored+1 {
			return fmt.Errorf("%d were stored, %d are there", stored+1, n)
		}
		return nil
	}); err != nil {
		return err
	}
	return errors.Join(db.Check(), db.Close())
}

func TestAFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	if out, err := process(t, "fill", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	db, err := store.Open(path, store.Options{})
	must(t, err)
	if unclean, why := db.Unclean(); unclean {
		t.Error(why)
	}
	closed(t, db)
}

// openWithoutRights gives up root, if it has it, and tries.
func openWithoutRights(path string) error {
	if os.Geteuid() == 0 {
		if err := syscall.Setresuid(65532, 65532, 65532); err != nil {
			return err
		}
	}
	_, err := store.Open(path, store.Options{})
	return err
}

func TestNoRightToTheFileOrItsFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) // so that it is the file's own rights that are missing
	file, folder := filepath.Join(dir, "store.db"), filepath.Join(dir, "folder")
	closed(t, reopen(t, file))
	before := content(t, file)
	must(t, os.Chmod(file, 0o400))
	must(t, os.Mkdir(folder, 0o555))
	for what, path := range map[string]string{"a file": file, "a folder": filepath.Join(folder, "store.db")} {
		out, err := process(t, "denied", path).Output()
		if err == nil || !strings.Contains(string(out), "may not be opened by this user") || !strings.Contains(string(out), path) {
			t.Errorf("%s: %v, %q", what, err, out)
		}
	}
	if string(content(t, file)) != string(before) {
		t.Error("the file was changed")
	}
}
