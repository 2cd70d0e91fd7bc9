// Package conform checks calls and answers of the Accounting API against Xero's own OpenAPI file. Only tests import it.
//
// The file's path stands in the environment variable XERO_OPENAPI; without it nothing is checked, and the test's log
// says so.
package conform

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// Env names the environment variable that holds the path of Xero's OpenAPI file.
const Env = "XERO_OPENAPI"

// T is the part of testing.TB that a check reports to.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
}

// Handler checks every call that inner gets and every answer it gives.
func Handler(t T, inner http.Handler) http.Handler {
	t.Helper()
	return handler(t, inner, true)
}

// Answers checks the answers alone, for calls that are wrong on purpose.
func Answers(t T, inner http.Handler) http.Handler {
	t.Helper()
	return handler(t, inner, false)
}

func handler(t T, inner http.Handler, calls bool) http.Handler {
	t.Helper()
	c := open(t)
	if c == nil {
		return inner
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("conform: %s %s: the body cannot be read: %v", r.Method, r.URL.Path, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if calls {
			c.request(t, r, body)
		}
		rec := httptest.NewRecorder()
		inner.ServeHTTP(rec, r)
		c.answer(t, r, body, rec.Code, rec.Header(), rec.Body.Bytes())
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes()) // a client that is gone is no finding
	})
}

// Transport checks every call that goes through inner and every answer that comes back.
func Transport(t T, inner http.RoundTripper) http.RoundTripper {
	t.Helper()
	c := open(t)
	if c == nil {
		return inner
	}
	return transport{t, c, inner}
}

type transport struct {
	t     T
	check *checker
	inner http.RoundTripper
}

func (x transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	out := r
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
		out = r.Clone(r.Context())
		out.Body = io.NopCloser(bytes.NewReader(body))
	}
	x.check.request(x.t, r, body)
	res, err := x.inner.RoundTrip(out)
	if err != nil {
		return res, err
	}
	answer, err := io.ReadAll(res.Body)
	if closed := res.Body.Close(); err == nil && closed == nil { // a broken answer has no shape to check
		x.check.answer(x.t, r, body, res.StatusCode, res.Header, answer)
	}
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(answer), failing{err}))
	return res, nil
}

// failing hands a read error on to whoever reads the answer after the check has.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// request refuses what Xero's file does not know: paths, unknown property names, wrong types.
func (c *checker) request(t T, r *http.Request, body []byte) {
	t.Helper()
	if !accounting(r) {
		return
	}
	if key := r.Header.Get("Idempotency-Key"); len(key) > 128 { // said in the documents, not in the file
		t.Errorf("conform: %s %s: the Idempotency-Key has %d characters, 128 are allowed", r.Method, r.URL.Path, len(key))
	}
	input, err := c.calls.input(r, body)
	if err == nil {
		err = openapi3filter.ValidateRequest(context.WithoutCancel(r.Context()), input)
	}
	if err != nil {
		t.Errorf("conform: call %s %s: %v\n%s", r.Method, r.URL, err, short(body))
	}
}

// answer refuses an answer whose shape is not the file's. Statuses that the file does not describe pass.
func (c *checker) answer(t T, r *http.Request, body []byte, status int, header http.Header, answer []byte) {
	t.Helper()
	if !accounting(r) {
		return
	}
	input, err := c.answers.input(r, body)
	if err != nil {
		return // no such address in the file: the check of the call has said so
	}
	if status != http.StatusNotFound { // Xero's 404 is HTML everywhere
		res := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: status, Header: header, Options: input.Options}
		res.SetBodyBytes(answer)
		err = openapi3filter.ValidateResponse(context.WithoutCancel(r.Context()), res)
	}
	if err != nil {
		t.Errorf("conform: answer %d to %s %s: %v\n%s", status, r.Method, r.URL, err, short(answer))
	}
}

func accounting(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, base+"/") }

func short(b []byte) []byte {
	if len(b) > 4000 {
		return append(bytes.Clone(b[:4000]), "…"...)
	}
	return b
}
