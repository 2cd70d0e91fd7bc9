package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	bolterrors "go.etcd.io/bbolt/errors"
)

// Problem is what is wrong with the store file and what a person can do about it.
type Problem struct {
	Path, What, Remedy string
	Err                error // the cause as the system told it; nil if we found it ourselves
}

func (p *Problem) Error() string {
	if p.Err != nil {
		return fmt.Sprintf("the store %s %s (%v). %s", p.Path, p.What, p.Err, p.Remedy)
	}
	return fmt.Sprintf("the store %s %s. %s", p.Path, p.What, p.Remedy)
}

func (p *Problem) Unwrap() error { return p.Err }

const (
	remedyDamaged = "Nothing was written to it. Move it away and put the latest backup in its place, or start without it: what is in Xero is found again by its marks, and nothing is created before that is done."
	remedyFull    = "Nothing of this step was stored. Make room on that disk; the next attempt goes on from here."
	remedyInDoubt = "Whether the last step was stored is not certain. Look at the disk and start the program again: it compares with Xero before it creates anything."
)

func damagedProblem(path string, cause error) *Problem {
	return &Problem{Path: path, What: "is damaged", Remedy: remedyDamaged, Err: cause}
}

// openProblem turns what bbolt or the system answered to opening the file into a sentence.
func openProblem(path string, err error) error {
	var known *Problem
	if errors.As(err, &known) {
		return err
	}
	p := &Problem{Path: path, Err: err}
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		p.What, p.Remedy = "is in use by another process", "Only one sf2xero may work on it: stop the other one first."
	case errors.Is(err, fs.ErrNotExist):
		p.What, p.Remedy = "cannot be made: its folder "+filepath.Dir(path)+" does not exist", "Make the folder, mount the volume, or set `store` to another path."
	case errors.Is(err, syscall.EROFS):
		p.What, p.Remedy = "is on a read-only file system", "Mount the volume so that it can be written, or set `store` to another path."
	case errors.Is(err, fs.ErrPermission):
		p.What, p.Remedy = "may not be opened by this user", "Give the user that runs sf2xero the right to read and write the file and its folder (in the container: uid 65532)."
	case isFull(err):
		p.What, p.Remedy = "cannot grow: the disk is full", "Make room on that disk and start again."
	case errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS):
		p.What, p.Remedy = "is on a file system without file locks", "Put it on a local disk; network shares are not safe for it."
	case errors.Is(err, bolterrors.ErrInvalid):
		p.What, p.Remedy = "is not a store, or its beginning is damaged", remedyDamaged
	case errors.As(err, new(syscall.Errno)):
		p.What, p.Remedy = "could not be opened", "Look at the path, the disk and what this process may use; the file was left as it is."
	default:
		return damagedProblem(path, err)
	}
	return p
}

// isFull reports whether the file could not grow: no space, a quota, or a limit
// on its size. When extending the file fails, bbolt passes on only the text.
func isFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return true
	}
	return err != nil && strings.HasPrefix(err.Error(), "file resize error")
}
