package remote

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Tokens gives the bearer token of an API. Replace gets a new one for a token that
// was refused, but only if that is still the current one; one refresh is in flight at a time.
type Tokens interface {
	Token(context.Context) (string, error)
	Replace(ctx context.Context, bad string) (string, error)
}

// Transport signs requests to one host and lets no token out to any other.
type Transport struct {
	Base     http.RoundTripper // nil: net/http's own
	Host     string            // with its port, as in the URL
	Tokens   Tokens
	Time     *Time // learns the server's time from every answer; may be nil
	MaxBody  int64 // an answer longer than this is an error, never cut silently; 0: 64 MB
	NoReplay bool  // a 401 goes back to the client, which replays by itself under its pacer
}

const (
	defaultMaxBody = 64 << 20
	peekBody       = 64 << 10 // as much of a 401's body as is read to learn its reason
)

// RoundTrip sends the request with the bearer token. When the answer says that the
// token has expired, it replaces the token and sends the request once more, if it
// has no body or GetBody; a request without GetBody gets its 401 back.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.check(req); err != nil {
		closeBody(req)
		return nil, err
	}
	token, err := t.Tokens.Token(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := t.send(req, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || t.NoReplay || !replayable(req) {
		return resp, err
	}
	if expired, err := tokenExpired(resp); err != nil || !expired {
		return resp, err
	}
	_ = resp.Body.Close()
	if token, err = t.Tokens.Replace(req.Context(), token); err != nil {
		return nil, err
	}
	again := req
	if req.GetBody != nil {
		again = req.Clone(req.Context())
		if again.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	return t.send(again, token)
}

// check refuses what must not leave: plain http beyond this machine, another host,
// the follow-up of a redirect.
func (t *Transport) check(req *http.Request) error {
	if !secure(req.URL) {
		return &Error{Class: BadConfig, Message: fmt.Sprintf("refusing to send a token to %s://%s without encryption", req.URL.Scheme, req.URL.Host),
			Remedy: "Use an https address."}
	}
	if !strings.EqualFold(req.URL.Host, t.Host) {
		return &Error{Class: BadConfig, Message: fmt.Sprintf("refusing to send the token of %s to %s", t.Host, req.URL.Host)}
	}
	if req.Response != nil { // set by http.Client on what it makes of a redirect
		return &Error{Class: BadConfig, Message: fmt.Sprintf("%s redirects to %s://%s, and redirects are not followed", t.Host, req.URL.Scheme, req.URL.Host),
			Remedy: "Configure the address it redirects to if that is right.", Sent: true}
	}
	return nil
}

func (t *Transport) send(req *http.Request, token string) (*http.Response, error) {
	signed := req.Clone(req.Context())
	signed.Header.Set("Authorization", "Bearer "+token)
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	resp, err := base.RoundTrip(signed)
	if err != nil {
		return nil, err
	}
	if t.Time != nil {
		t.Time.Observe(resp.Header.Get("Date"), time.Now())
	}
	limit := t.MaxBody
	if limit == 0 {
		limit = defaultMaxBody
	}
	resp.Body = &limitedBody{ReadCloser: resp.Body, left: limit, limit: limit}
	return resp, nil
}

func replayable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// tokenExpired reads the beginning of a 401's body and puts it back.
func tokenExpired(resp *http.Response) (bool, error) {
	peek, err := io.ReadAll(io.LimitReader(resp.Body, peekBody))
	if err != nil {
		_ = resp.Body.Close()
		return false, err
	}
	rest := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(peek), rest), rest}
	return Expired(resp.Header, peek), nil
}

// Expired says whether a 401 can be mended by a new token. A missing scope cannot:
// asking again would only burn calls. Xero's own FAQ prints insufficent_scope.
func Expired(h http.Header, body []byte) bool {
	said := strings.ToLower(strings.Join(h.Values("WWW-Authenticate"), " ") + " " + string(body))
	for _, scope := range []string{"insufficient_scope", "insufficent_scope", "authorizationunsuccessful"} {
		if strings.Contains(said, scope) {
			return false
		}
	}
	return true
}

// limitedBody fails once more than the limit has been read.
type limitedBody struct {
	io.ReadCloser
	left, limit int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more than allowed, to tell "just fits" from "too long"
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n, b.left = int(b.left), 0
		return n, &Error{Class: BadConfig, Sent: true, Message: fmt.Sprintf("the answer is longer than %d bytes", b.limit)}
	}
	b.left -= int64(n)
	return n, err
}

// SecureURL parses the address of a service: https, or http to this machine.
func SecureURL(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		// Not the text itself: it could hold a password in a shape that url.Parse refuses.
		return nil, fmt.Errorf("this is not a web address; write it like https://api.example.com")
	}
	if u.User != nil {
		return nil, fmt.Errorf("the address of %s holds a user name or password; leave them out", u.Host)
	}
	if !secure(u) {
		return nil, fmt.Errorf("%s://%s is not encrypted; use https (http only for localhost)", u.Scheme, u.Host)
	}
	return u, nil
}

func secure(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
