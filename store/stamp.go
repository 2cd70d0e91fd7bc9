package store

import (
	"encoding/json"
	"os"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

// closedMark is written as the last thing before a clean close, and removed at
// the next Open. It names the file it was written into and the modification
// time that Close then gives that file. A copy has another inode, a file
// written over has another modification time, and one restored in place with
// its old time was changed long after it.
type closedMark struct {
	Inode uint64
	MTime time.Time
}

// markSlack is how long after the noted time the file's last change may be. In
// between lie one commit and one utime call, on a slow disk.
const markSlack = 5 * time.Second

// markClosed notes in the file that it is complete, and seals that with the modification time.
func (db *DB) markClosed() error {
	failed := func(err error) error {
		return &Problem{Path: db.path, What: "is complete but could not be marked as cleanly closed", Remedy: "The next start compares with Xero before it creates anything.", Err: err}
	}
	if err := db.sameFile(); err != nil {
		return err
	}
	// The system's own idea of now, which need not be this process's: touch the file and look.
	if err := os.Chtimes(db.path, time.Time{}, time.Now().Truncate(time.Microsecond)); err != nil {
		return failed(err)
	}
	info, err := db.file.Stat()
	if err != nil {
		return failed(err)
	}
	inode, changed := identity(info)
	mark := closedMark{inode, changed.UTC().Truncate(time.Microsecond)}
	err = db.Update(func(tx *Tx) error { return tx.save(bucketMeta, []byte("closed"), mark) })
	if err != nil {
		return err
	}
	if err := os.Chtimes(db.path, time.Time{}, mark.MTime); err != nil {
		return failed(err)
	}
	return nil
}

const killedText = "it was not closed cleanly: the process was killed, or the machine stopped"

// Killed reports whether all that Unclean found is that the process before was killed: this is the very file it worked
// on, so what it had stored is here to its last commit.
func (db *DB) Killed() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.unclean == killedText
}

// doubtOf is what an earlier Open found and nobody has drawn conclusions from yet: that process may have ended before it
// could, or was no daemon.
func doubtOf(tx *bolt.Tx) string {
	if meta := tx.Bucket([]byte(bucketMeta)); meta != nil {
		return string(meta.Get([]byte("doubt")))
	}
	return ""
}

// ForgetDoubt notes that what follows from the doubt of Unclean has been stored. Until then every Open finds it again,
// however the file was closed.
func (tx *Tx) ForgetDoubt() error { return tx.remove(bucketMeta, []byte("doubt")) }

// suspicion says why a file may be older than what was sent, before this
// process has written to it. "" means that it is what was closed last.
func suspicion(tx *bolt.Tx, info os.FileInfo) string {
	meta := tx.Bucket([]byte(bucketMeta))
	if meta == nil {
		return ""
	}
	if made := meta.Get([]byte("backup")); made != nil {
		return "it is a backup made at " + string(made)
	}
	v := meta.Get([]byte("closed"))
	if v == nil {
		if inode, _ := identity(info); string(meta.Get([]byte("opened"))) != strconv.FormatUint(inode, 10) {
			return "it is a copy or was restored, of a file that was in use"
		}
		return killedText
	}
	var mark closedMark
	if err := json.Unmarshal(v, &mark); err != nil {
		return "its closing mark cannot be read"
	}
	inode, changed := identity(info)
	switch {
	case inode != mark.Inode:
		return "it is a copy or was restored: it is not the file that was closed last"
	case !info.ModTime().Equal(mark.MTime):
		return "it was changed after it had been closed"
	case changed.Sub(mark.MTime) > markSlack || changed.Before(mark.MTime):
		return "it was moved, restored or had its permissions changed after it had been closed"
	}
	return ""
}
