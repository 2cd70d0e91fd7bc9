// Package salesforce reads records from Salesforce and writes fields back. Everything it asks may be asked twice: it
// reads, or sets fields to absolute values.
package salesforce

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"sf2xero/sync/remote"
)

// DefaultAPIVersion is used where none is configured. A version lives at least three years; 66.0 is Spring '26.
const DefaultAPIVersion = "66.0"

// Options say which organisation to talk to, and as whom.
type Options struct {
	LoginURL   string // the organisation's My Domain address
	APIVersion string // "66.0"; empty: DefaultAPIVersion
	Auth       string // client_credentials (the default when empty) or jwt

	ClientID     string
	ClientSecret remote.Secret // client_credentials
	Username     string        // jwt
	PrivateKey   []byte        // jwt: RSA, in PEM
	Audience     string        // jwt; empty: Salesforce's own for production or sandbox, told by LoginURL

	Base  http.RoundTripper // nil: http.DefaultTransport
	Pacer *remote.Pacer     // nil: no limits
}

// Client talks to one organisation. It is safe for concurrent use.
type Client struct {
	base    http.RoundTripper
	pacer   *remote.Pacer
	version string
	tokens  *tokens
	clock   remote.Time
	usage   usage
	calls   atomic.Int64
}

var versionPattern = regexp.MustCompile(`^[0-9]{2,3}\.0$`)

// New checks the options; it makes no call.
func New(o Options) (*Client, error) {
	if o.Base == nil {
		o.Base = http.DefaultTransport
	}
	if o.Pacer == nil {
		o.Pacer = remote.NewPacer(remote.Limits{})
	}
	version := strings.TrimPrefix(o.APIVersion, "v")
	if version == "" {
		version = DefaultAPIVersion
	}
	if !versionPattern.MatchString(version) {
		return nil, misconfigured(fmt.Sprintf("salesforce.api_version is %q", o.APIVersion), "Write it like "+DefaultAPIVersion+".")
	}
	sign, err := newSignIn(o)
	if err != nil {
		return nil, err
	}
	return &Client{base: o.Base, pacer: o.Pacer, version: version, tokens: &tokens{fetch: sign.fetch}}, nil
}

// Time is Salesforce's own time, once it has answered anything.
func (c *Client) Time() (time.Time, bool) { return c.clock.Now() }

// TimeAgreed is true once two answers have told the same time: the first may have come by way of a wrong clock.
func (c *Client) TimeAgreed() bool { return c.clock.Agreed() }

// Calls is the number of HTTP calls made to the organisation so far, those for tokens not counted, as Salesforce counts.
func (c *Client) Calls() int { return int(c.calls.Load()) }

// Usage is how much of its calls a day the organisation has used, as its last answer said.
func (c *Client) Usage() Usage { return c.usage.get() }

func (c *Client) path(resource string) string {
	return "/services/data/v" + c.version + "/" + resource
}

// once makes one call, twice if the session turns out to have ended: a session has no known life, and an administrator
// can end it at any time. The second refusal is final, because some refusals look like an ended session and would go on
// for ever.
func (c *Client) once(ctx context.Context, op, method, path string, body []byte, write bool) ([]byte, error) {
	s, err := c.tokens.session(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := c.rest(ctx, s, op, method, path, body, write)
	if !isExpired(err) {
		return answer, err
	}
	// A new session, not only a new token: the organisation's address can change with it.
	if s, err = c.tokens.renew(ctx, s); err != nil {
		return nil, err
	}
	return c.rest(ctx, s, op, method, path, body, write)
}

func isExpired(err error) bool {
	var e *remote.Error
	if !errors.As(err, &e) || e.Class != remote.Auth {
		return false
	}
	return e.Code == expired || e.Code == "" && e.Status == http.StatusUnauthorized
}

// pause waits before a call is made again, or says that it is not to be: the error then is what the caller returns.
// The jitter comes from the call itself, so that the same run happens the same way again.
func pause(ctx context.Context, try int, e *remote.Error, call []byte) error {
	if e.Code == lostLocator {
		return e // the pages behind it are gone: only the whole query can be made again
	}
	d := remote.Decide(try, e, jitter(call, try))
	if !d.Again {
		return e
	}
	timer := time.NewTimer(d.After)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return interrupted(ctx, e.Op)
	}
}

func jitter(call []byte, try int) float64 {
	h := fnv.New32a()
	h.Write(call)
	fmt.Fprint(h, try)
	return float64(h.Sum32()) / (math.MaxUint32 + 1)
}

func interrupted(ctx context.Context, op string) error {
	return fmt.Errorf("%s: %s: stopped before it was done: %w", apiName, op, context.Cause(ctx))
}

func misconfigured(message, remedy string) *remote.Error {
	return &remote.Error{API: apiName, Class: remote.BadConfig, Message: message, Remedy: remedy}
}
