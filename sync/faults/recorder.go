package faults

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
)

// recorder keeps an answer instead of sending it.
type recorder struct {
	header  http.Header
	status  int // 0 until the handler said it
	body    bytes.Buffer
	flushed bool
	sent    http.Header // the header as it was at WriteHeader: later changes are too late
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status != 0 || status < 200 { // an informational answer is not the answer
		return
	}
	r.status, r.sent = status, r.header.Clone()
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if !mayHaveBody(r.status) {
		return 0, http.ErrBodyNotAllowed
	}
	return r.body.Write(b)
}

// Flush notes that what was written so far is on its way, whatever happens next.
func (r *recorder) Flush() {
	r.WriteHeader(http.StatusOK)
	r.flushed = true
}

func mayHaveBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// finalHeader is the header that belongs to the answer.
func (r *recorder) finalHeader() http.Header {
	if r.sent == nil {
		return r.header
	}
	return r.sent
}

// replace puts another body in place of the answer's own.
func (r *recorder) replace(body []byte) {
	r.body.Reset()
	r.body.Write(body)
	r.finalHeader().Del("Content-Length")
}

// garble leaves half a JSON document in an otherwise proper answer.
func (r *recorder) garble() {
	half := bytes.Clone(r.body.Bytes()[:r.body.Len()/2])
	if len(half) == 0 {
		half = []byte("{")
	}
	if !mayHaveBody(r.status) {
		r.status = http.StatusOK
	}
	r.replace(half)
}

func (r *recorder) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.finalHeader())
	w.WriteHeader(r.status)
	if mayHaveBody(r.status) {
		_, _ = w.Write(r.body.Bytes()) // the client may be gone; nobody is left to tell
	}
}

// sendHalf promises the whole answer and sends half of it. An answer without a body promises one byte and sends none.
func (r *recorder) sendHalf(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.finalHeader())
	w.Header().Set("Content-Length", strconv.Itoa(max(1, r.body.Len())))
	if !mayHaveBody(r.status) {
		r.status = http.StatusOK
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes()[:r.body.Len()/2])
	_ = http.NewResponseController(w).Flush() // what was written must be on its way before the connection breaks
}
