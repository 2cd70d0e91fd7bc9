package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// DatedBackup writes the backup of a day beside the store, as store.db.backup-2026-11-21, and then removes the oldest
// such files but `keep`. The file is there whole or not at all, and only the store's owner can read it.
func (db *DB) DatedBackup(day time.Time, keep int) (path string, size int64, err error) {
	path = db.path + backupSuffix + day.Format(time.DateOnly)
	if size, err = db.backupTo(path); err == nil {
		err = db.removeBackups(keep)
	}
	var known *Problem
	if err != nil && (!errors.As(err, &known) || known.Path != db.path) { // the store's own trouble has its own words
		if known != nil {
			err = known.Err
		}
		err = &Problem{Path: db.path, What: "could not be backed up to " + path, Err: err,
			Remedy: "Look whether that disk is full or read-only, and whether the name is taken. The store itself is in use and whole."}
	}
	return path, size, err
}

const backupSuffix = ".backup-"

// backupTo writes into an unfinished file first: a name that is there stands for a backup that can be used.
func (db *DB) backupTo(path string) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(db.path), filepath.Base(db.path)+backupPattern)
	if err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			if gone := os.Remove(f.Name()); !errors.Is(gone, fs.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
	}()
	if err := db.copyRows(f.Name()); err != nil {
		return 0, err
	}
	if !db.opts.NoSync {
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return 0, err
	}
	if db.opts.NoSync {
		return info.Size(), nil
	}
	return info.Size(), syncFolder(filepath.Dir(path))
}

// removeBackups removes the oldest dated backups of this store until `keep` are left. What people have put beside it under
// other names stays.
func (db *DB) removeBackups(keep int) error {
	beside, err := os.ReadDir(filepath.Dir(db.path))
	if err != nil {
		return err
	}
	ours := regexp.MustCompile(`^` + regexp.QuoteMeta(filepath.Base(db.path)+backupSuffix) + `\d{4}-\d\d-\d\d$`)
	var names []string
	for _, e := range beside {
		if e.Type().IsRegular() && ours.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names) // a date sorts as it passes
	for len(names) > keep {
		if err := os.Remove(filepath.Join(filepath.Dir(db.path), names[0])); err != nil {
			return err
		}
		names = names[1:]
	}
	return nil
}
