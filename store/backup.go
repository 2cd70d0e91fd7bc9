package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// backupPattern names the unfinished copy beside the store; the star becomes a random number.
const backupPattern = ".unfinished-backup-*"

// Backup writes a consistent copy while the store is in use. Tokens are left
// out: the copy is built row by row, because the file itself may still hold
// old tokens in pages set free. Opened, it is an ordinary store that knows it
// may be older than what was sent.
func (db *DB) Backup(w io.Writer) (err error) {
	f, err := os.CreateTemp(filepath.Dir(db.path), filepath.Base(db.path)+backupPattern)
	if err != nil {
		return openProblem(db.path, err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if err := db.copyRows(f.Name()); err != nil {
		return err
	}
	if _, err := io.Copy(w, f); err != nil {
		return fmt.Errorf("the backup of the store %s could not be written: %w", db.path, err)
	}
	return nil
}

// copyRows fills an empty file with every bucket but the tokens.
func (db *DB) copyRows(path string) error {
	// No fsync: whoever keeps the copy syncs what he keeps.
	to, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, NoSync: true})
	if err != nil {
		return openProblem(path, err)
	}
	err = db.View(func(tx *Tx) error {
		for _, name := range buckets() {
			if err := tx.copyBucket(to, name); err != nil {
				return err
			}
		}
		made := tx.Now.UTC().Format(time.RFC3339)
		return to.Update(func(out *bolt.Tx) error {
			meta := out.Bucket([]byte(bucketMeta))
			return errors.Join(meta.Put([]byte("backup"), []byte(made)), meta.Delete([]byte("closed")))
		})
	})
	if isFull(err) {
		err = openProblem(path, err)
	}
	return errors.Join(err, to.Close())
}

// copyBucket copies in transactions of 1,000 rows, so that a large store needs no large memory.
func (tx *Tx) copyBucket(to *bolt.DB, name string) error {
	sequence := func() uint64 {
		defer sound(name)
		return tx.bucket(name).Sequence()
	}()
	err := to.Update(func(out *bolt.Tx) error {
		b, err := out.CreateBucketIfNotExists([]byte(name))
		if err != nil {
			return err
		}
		return b.SetSequence(sequence)
	})
	if err != nil || name == bucketTokens {
		return err
	}
	var last []byte
	for more := true; more; {
		err := to.Update(func(out *bolt.Tx) error {
			b := out.Bucket([]byte(name))
			b.FillPercent = 1 // rows come in order and the copy is not written to
			n := 0
			for k, v := range tx.scan(name, nil, last) {
				if err := b.Put(k, v); err != nil {
					return err
				}
				last = k
				if n++; n == 1000 {
					return nil
				}
			}
			more = false
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Copy writes a throw-away copy, tokens included, to a path where there is no
// file yet. It opens as clean as this store is now, so that a plan made on it
// is the plan this store would make.
func (db *DB) Copy(path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &Problem{Path: path, What: "is in the way of a copy of " + db.path, Remedy: "Remove it or choose another path."}
	}
	if err != nil {
		return openProblem(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	err = db.View(func(tx *Tx) error {
		defer sound("the root")
		_, err := tx.bolt.WriteTo(f)
		return err
	})
	if err = errors.Join(err, f.Close()); err != nil {
		if isFull(err) {
			return openProblem(path, err)
		}
		return err
	}
	if unclean, _ := db.Unclean(); unclean {
		return nil
	}
	c, err := Open(path, Options{Now: db.opts.Now, NoSync: true, unchecked: true})
	if err != nil {
		return err
	}
	return errors.Join(c.Update((*Tx).ForgetDoubt), c.Close())
}

// sweep removes what a backup cut short by a kill left behind. The lock on the
// store says that none is under way.
func (db *DB) sweep() {
	left, err := filepath.Glob(escapeGlob(db.path) + backupPattern)
	if err != nil {
		return
	}
	for _, name := range left {
		_ = os.Remove(name) // it is in nobody's way; the next start tries again
	}
}

// escapeGlob keeps a path with brackets or stars in it from being read as a pattern.
func escapeGlob(path string) string {
	var b []byte
	for i := range len(path) {
		switch path[i] {
		case '*', '?', '[', '\\':
			b = append(b, '\\')
		}
		b = append(b, path[i])
	}
	return string(b)
}
