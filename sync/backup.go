package sync

import (
	"context"
	"path/filepath"
	"time"

	"sf2xero/store"
	"sf2xero/sync/state"
)

const (
	valueBackup = "backup" // the organisation's date of the last backup
	backupsKept = 7
	backupFrom  = 2 // o'clock, by the organisation's time: a backup is one night's work, whenever the daemon begins it
	backupAgain = time.Hour
)

// backupIfDue copies the store to a file beside it, once in each of the organisation's nights, or as soon as the daemon
// runs again. A store that Xero has not been read into yet would push a better copy out. Whatever fails here is told and
// tried again an hour later: no deal waits for it.
func (c *Cycle) backupIfDue(ctx context.Context, in Inputs) {
	now := c.xeroNow()
	if ctx.Err() != nil || now.Before(c.session.backups.next) {
		return
	}
	night := now.In(in.Reference.Location()).Add(-backupFrom * time.Hour)
	due := false
	if err := c.Store.View(func(tx *store.Tx) error {
		due = !state.Blank(tx) && tx.Value(valueBackup) < night.Format(time.DateOnly)
		return nil
	}); err != nil || !due {
		return // a store that cannot be read stops the cycle by itself
	}
	path, size, err := c.Store.DatedBackup(night, backupsKept)
	if err == nil {
		err = c.Store.Update(func(tx *store.Tx) error { return tx.SetValue(valueBackup, night.Format(time.DateOnly)) })
	}
	if err != nil {
		c.session.backups.failures++
		c.session.backups.next = now.Add(backupAgain)
		c.Log.BackupFailed(err, c.session.backups.failures)
		return
	}
	c.session.backups.failures = 0
	c.Log.BackedUp(filepath.Base(path), size)
}

// backups are what one process knows of its failing ones.
type backups struct {
	failures int
	next     time.Time
}
