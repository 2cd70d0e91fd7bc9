package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// smallFile is the most a configuration, a secret or a key may have; more is a wrong path.
const smallFile = 1 << 20

// readSmallFile reads a file a person wrote. Its errors are sentences and still say fs.ErrNotExist.
func readSmallFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, sentence{path + " does not exist: correct the path", err}
	case errors.Is(err, fs.ErrPermission):
		return nil, sentence{path + " may not be read by this user: change its owner or its mode", err}
	case err != nil:
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, smallFile+1))
	if err != nil {
		return nil, sentence{fmt.Sprintf("%s cannot be read (%v): name a plain file", path, errors.Unwrap(err)), err}
	}
	if len(text) > smallFile {
		return nil, fmt.Errorf("%s has more than %d bytes: it is the wrong file", path, smallFile)
	}
	return text, nil
}

// replaceFile writes a file that readers see whole or not at all.
func replaceFile(path string, text []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// sentence is an error in words for a person, with its cause kept for errors.Is.
type sentence struct {
	text  string
	cause error
}

func (s sentence) Error() string { return s.text }
func (s sentence) Unwrap() error { return s.cause }
