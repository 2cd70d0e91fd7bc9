package faults

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// response is the answer as net/http's client shows it; end is how its body ends if not well.
func (r *recorder) response(method string, end error) *http.Response {
	header := r.finalHeader()
	body := r.body.Bytes()
	if header.Get("Date") == "" {
		header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	if header.Get("Content-Type") == "" && len(body) > 0 {
		header.Set("Content-Type", http.DetectContentType(body))
	}
	if header.Get("Content-Length") == "" && mayHaveBody(r.status) {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	length, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1
	}
	switch {
	case method == http.MethodHead || !mayHaveBody(r.status):
		body, end = nil, nil
		if !mayHaveBody(r.status) {
			length = 0
		}
	case length > int64(len(body)):
		end = io.ErrUnexpectedEOF // promised more than was written
	}
	return &http.Response{
		Status:     strconv.Itoa(r.status) + " " + http.StatusText(r.status),
		StatusCode: r.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        header,
		Body:          &wire{Reader: bytes.NewReader(body), end: end},
		ContentLength: length,
	}
}

// wire is a body that may end in an error.
type wire struct {
	*bytes.Reader
	end    error
	closed bool
}

func (w *wire) Read(b []byte) (int, error) {
	if w.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := w.Reader.Read(b)
	if errors.Is(err, io.EOF) && w.end != nil {
		err = w.end
	}
	return n, err
}

// WriteTo would pass by end.
func (w *wire) WriteTo(to io.Writer) (int64, error) {
	return io.Copy(to, struct{ io.Reader }{w})
}

func (w *wire) Close() error {
	w.closed = true
	return nil
}

// readBody takes the whole request body, as writing it to a connection would.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	return body, errors.Join(err, r.Body.Close())
}

// arriving is the request as the server sees it.
func arriving(r *http.Request, body []byte) *http.Request {
	header := http.Header{}
	maps.Copy(header, r.Header.Clone())
	if _, ok := header["User-Agent"]; !ok {
		header.Set("User-Agent", "Go-http-client/1.1")
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	u := *r.URL
	u.Scheme, u.Host, u.User, u.Fragment = "", "", nil, ""
	return &http.Request{
		Method: r.Method, URL: &u, RequestURI: u.RequestURI(), Host: host, RemoteAddr: "192.0.2.1:1234",
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        header,
		ContentLength: int64(len(body)),
		GetBody:       func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}
}
