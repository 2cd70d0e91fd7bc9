package store

import (
	"os"
	"syscall"
	"time"
)

// identity is the file's number and when anything about it last changed. Nobody can set the latter.
func identity(info os.FileInfo) (inode uint64, changed time.Time) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, info.ModTime()
	}
	return s.Ino, time.Unix(s.Ctim.Unix())
}

// lockShared takes a reader's lock without waiting; false if somebody writes.
func lockShared(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil
}

// unlock gives the lock back at once. Closing the file is not enough while
// bbolt's mapping keeps it open.
func unlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) } // fails only for a closed file, which has none
