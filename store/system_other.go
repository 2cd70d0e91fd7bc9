//go:build !linux

package store

import (
	"os"
	"time"
)

// identity knows only the modification time here: a copy that keeps it is not recognised.
func identity(info os.FileInfo) (inode uint64, changed time.Time) { return 0, info.ModTime() }

// lockShared says no: the pages are then read by bbolt alone.
func lockShared(*os.File) bool { return false }

// unlock leaves the lock to the end of the process.
func unlock(*os.File) {}
