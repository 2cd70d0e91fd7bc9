package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	lockTimeout = 3 * time.Second
	// checkedSize is the size up to which the whole file is checked at each
	// Open; 64 MB take about a second.
	checkedSize = 64 << 20
)

// Open opens the store, or makes a new one where there is no file. What stands
// in the way comes back as a *Problem that names the file and the remedy; a
// damaged file, one of another program or of a newer version is left as it is.
func Open(path string, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.migrations == nil {
		o.migrations = migrations()
	}
	if o.journalKept == 0 {
		o.journalKept = journalKept
	}
	info, err := lookAt(path, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	if info != nil && info.Size() > 0 {
		if err := preflight(path, info.Size() < checkedSize && !o.unchecked); err != nil {
			return nil, err
		}
	}
	db, err := openBolt(path, o)
	if err != nil {
		return nil, openProblem(path, err)
	}
	if err := db.begin(info); err != nil {
		db.closed = true
		return nil, errors.Join(err, db.release())
	}
	return db, nil
}

// lookAt refuses what bbolt would make into a store or hang on. A missing file gives nil.
func lookAt(path string, readOnly bool) (os.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && readOnly:
		return nil, &Problem{Path: path, What: "does not exist", Remedy: "Start the daemon once, or set `store` to the path it uses."}
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, openProblem(path, err)
	case info.IsDir():
		return nil, &Problem{Path: path, What: "is a folder", Remedy: "Set `store` to a file, for instance " + filepath.Join(path, "sf2xero.db") + "."}
	case !info.Mode().IsRegular():
		return nil, &Problem{Path: path, What: "is not an ordinary file", Remedy: "Set `store` to an ordinary file on a local disk."}
	}
	return info, nil
}

// openBolt opens the file with bbolt, which answers damage with a panic and
// then keeps the lock. The file is ours as well, so we give it back.
func openBolt(path string, o Options) (db *DB, err error) {
	var file *os.File
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = damagedProblem(path, fmt.Errorf("%v", r))
			if file != nil {
				unlock(file)
				_ = file.Close()
			}
		}
	}()
	b, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout:  lockTimeout,
		NoSync:   o.NoSync,
		ReadOnly: o.ReadOnly,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag, mode)
			file = f
			return f, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &DB{path: path, opts: o, bolt: b, file: file}, nil
}

// begin looks at what was opened and takes it over. before is the file as it
// was found, nil if there was none; nothing has been written to it so far.
func (db *DB) begin(before os.FileInfo) error {
	version, err := db.inspect(before)
	if err != nil {
		return err
	}
	if err := db.opts.checkSchema(db.path, version); err != nil {
		return err
	}
	if version > 0 && !db.opts.unchecked && before != nil && before.Size() < checkedSize {
		if err := db.Check(); err != nil {
			return err
		}
	}
	if db.opts.ReadOnly {
		return nil
	}
	if err := db.private(); err != nil {
		return err
	}
	db.sweep()
	err = db.Update(func(tx *Tx) error {
		if err := db.migrate(tx.bolt, version); err != nil {
			return err
		}
		for _, mark := range []string{"closed", "backup"} {
			if err := tx.remove(bucketMeta, []byte(mark)); err != nil {
				return err
			}
		}
		if db.unclean != "" {
			// This transaction takes the proof away; what it proved must outlive this process.
			if err := tx.put(bucketMeta, []byte("doubt"), []byte(db.unclean)); err != nil {
				return err
			}
		}
		info, err := db.file.Stat()
		if err != nil {
			return openProblem(db.path, err)
		}
		inode, _ := identity(info)
		return tx.put(bucketMeta, []byte("opened"), []byte(strconv.FormatUint(inode, 10)))
	})
	if err != nil || before != nil || db.opts.NoSync {
		return err
	}
	return syncFolder(filepath.Dir(db.path))
}

// inspect reads the version and whether the file can be trusted.
func (db *DB) inspect(before os.FileInfo) (version int, err error) {
	err = db.View(func(tx *Tx) error {
		defer sound("the root")
		if version, err = schemaOf(db.path, tx.bolt); err != nil {
			return err
		}
		switch {
		case version == 0 && before != nil:
			db.unclean = "it was there but empty: what it held is lost"
		case version > 0 && before == nil:
			// Another process made it since we looked, and has closed it again.
			if before, err = db.file.Stat(); err != nil {
				return openProblem(db.path, err)
			}
			fallthrough
		case version > 0:
			db.unclean = suspicion(tx.bolt, before)
			if doubt := doubtOf(tx.bolt); doubt != "" && (db.unclean == "" || db.unclean == killedText) {
				db.unclean = doubt
			}
		}
		return nil
	})
	return version, err
}

// private takes away other people's access: the file holds customers and tokens.
func (db *DB) private() error {
	info, err := db.file.Stat()
	if err != nil {
		return openProblem(db.path, err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := db.file.Chmod(0o600); err != nil {
		return &Problem{Path: db.path, What: "can be read by other users", Remedy: "Give it to the user that runs sf2xero, with mode 0600.", Err: err}
	}
	return nil
}

// syncFolder makes a new file's name durable: after a power cut the file would
// otherwise be gone with everything that was sent in its name.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return openProblem(dir, err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil {
		return openProblem(dir, err)
	}
	return nil
}
