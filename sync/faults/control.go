package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	controlPrefix  = "/_emulator/"
	maxControlBody = 1 << 20
)

// control serves /_emulator/; false if the request is not for it.
func (d *Door) control(w http.ResponseWriter, r *http.Request) bool {
	what, ok := strings.CutPrefix(r.URL.Path, controlPrefix)
	if !ok {
		return false
	}
	switch r.Method + " " + what {
	case "GET requests":
		type seen struct {
			Requests     []Count `json:"requests"`
			MaxInFlight  int     `json:"max_in_flight"`
			MaxPerMinute int     `json:"max_per_minute"`
		}
		reply(w, http.StatusOK, seen{d.Counts(), d.MaxInFlight(), d.MaxPerMinute()})
	case "GET faults":
		reply(w, http.StatusOK, d.Faults())
	case "POST faults":
		faults, err := readFaults(http.MaxBytesReader(w, r.Body, maxControlBody))
		if err == nil {
			err = d.Add(faults...)
		}
		if err != nil {
			reply(w, http.StatusBadRequest, problem{err.Error()})
			return true
		}
		reply(w, http.StatusCreated, d.Faults())
	case "DELETE faults":
		d.Clear()
		w.WriteHeader(http.StatusNoContent)
	default:
		reply(w, http.StatusNotFound, problem{"there are GET requests, GET faults, POST faults and DELETE faults here"})
	}
	return true
}

type problem struct {
	Error string `json:"error"`
}

// readFaults takes one fault or a list of them.
func readFaults(r io.Reader) ([]Fault, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	b = bytes.TrimSpace(b)
	if !bytes.HasPrefix(b, []byte("[")) {
		b = append(append([]byte("["), b...), ']')
	}
	var faults []Fault
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields() // a misspelt name would be a fault that does something else
	if err := dec.Decode(&faults); err != nil {
		return nil, fmt.Errorf("the faults cannot be read: %w", err)
	}
	if len(faults) == 0 {
		return nil, fmt.Errorf("there is no fault in the request")
	}
	return faults, nil
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone; nobody is left to tell
}
