package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

//go:embed templates/config.yaml
var configTemplate string

//go:embed templates/mapping.yaml
var mappingTemplate string

// templateStart stands in the mapping's template where init writes the day it runs.
const templateStart = "start: 2026-11-01"

func newInitCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "init DIR",
		Short: "Write a commented config.yaml and mapping.yaml to begin with",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("say into which folder: `sf2xero init DIR`")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := initFolder(args[0], p.Now()); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.Stdout, `Wrote %s and %s.
Next: fill in config.yaml (or set the SF2XERO_… variables it names), then read mapping.yaml line by line:
it says which deals become invoices, and what stands on them.
`, filepath.Join(args[0], "config.yaml"), filepath.Join(args[0], "mapping.yaml"))
			return err
		},
	}
}

// initFolder writes both files or, where one of them exists already, neither.
func initFolder(dir string, today time.Time) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%s cannot be made a folder: %w", dir, err)
	}
	// A template's own date would make every deal won since then an invoice on the first run.
	start := "start: " + today.Format(time.DateOnly)
	files := []struct {
		name, text string
		mode       fs.FileMode
	}{
		{"config.yaml", configTemplate, 0o600}, // there is room for secrets in it
		{"mapping.yaml", strings.Replace(mappingTemplate, templateStart, start, 1), 0o644},
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		switch _, err := os.Lstat(path); {
		case err == nil:
			return fmt.Errorf("%s exists already and is left as it is: name another folder, or move it away", path)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	for _, f := range files {
		if err := writeNewFile(filepath.Join(dir, f.name), f.text, f.mode); err != nil {
			return err
		}
	}
	return nil
}

func writeNewFile(path, text string, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
