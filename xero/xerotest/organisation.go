// Package xerotest is Xero as an API client meets it: one organisation behind an http.Handler that keeps state and
// refuses what the real service refuses, in its words. It serves the identity service, /connections and the Accounting
// API; what a person does in Xero's own screens is a Go method instead.
//
// It shares no code with the client on purpose: a wrong tag or rounding used on both sides would never show. Where
// Xero's behaviour is undocumented it takes the reading that hurts a careless client most.
package xerotest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"
)

// Options configure an Organisation; the zero value is a New Zealand demo company with Xero's published limits.
type Options struct {
	Now func() time.Time // Xero's clock; nil is time.Now

	InFlight, PerMinute, PerDay int // call limits of an app in this organisation: 0 is Xero's own (5, 60, 5000), negative switches one off

	ClientID, ClientSecret string   // the custom connection; derived from Seed when empty
	TenantID               string   // derived from Seed when empty
	Seed                   string   // what every id is derived from
	Name                   string   // of the organisation
	Scopes                 []string // ticked on the apps; nil is the recommended granular set
	RedirectURIs           []string // registered for the authorization code flow; nil accepts what Xero would let one register
	Empty                  bool     // leave out the demo company's own contacts and invoices

	// What Xero's documents leave open. Each switch turns on the other reading.
	HalfEven    bool // round half cents to even instead of away from zero
	NotModified bool // answer 304 when If-Modified-Since finds nothing, instead of an empty list
	ListDeleted bool // show DELETED invoices in lists that do not ask for them
	HideURL     bool // leave Url out of lists: it stands in none of Xero's list examples
	PageMax     int  // the longest page that is given, whatever is asked for; 0: 1000
	OtherWords  bool // refuse in the other spelling where the public quotes two
	QuietMerge  bool // leave the stamps of a merged contact's documents as they are

	CodesByCase bool // item codes that differ by case alone are two items
	OneSequence bool // the number of an invoice cannot be a credit note's, too

	OneCurrency bool // the organisation is on a plan without multi-currency

	// Miscount is by how much an approval through the API changes the first line of a document, which people report of
	// discounts and of single cents. Nil changes nothing.
	Miscount func(number string) decimal.Decimal

	// Latency is how long a call stays in flight. The work is done first and the answer waits, so a client that gives
	// up early has changed the books all the same. Nil answers at once.
	Latency func(method, path string) time.Duration
}

// Organisation is one Xero organisation with the apps that are connected to it. It is safe for concurrent use.
type Organisation struct {
	opt      Options
	tenantID string

	mu       sync.Mutex // guards everything below
	apps     []*app
	identity identity
	made     map[[20]byte]int // how often the same content was made into an id
	answers  int              // for correlation ids

	company  company
	contacts contactBook
	invoices book // and bills
	notes    book // credit notes
	payments []*payment
	items    []*item
}

// New makes an organisation.
func New(opt Options) *Organisation {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Name == "" {
		opt.Name = "Demo Company (NZ)"
	}
	if opt.Scopes == nil {
		opt.Scopes = defaultScopes()
	}
	o := &Organisation{opt: opt, tenantID: opt.TenantID, made: make(map[[20]byte]int)}
	if o.tenantID == "" {
		o.tenantID = o.named("tenant")
	}
	o.identity = newIdentity()
	o.apps = o.newApps()
	o.company = o.newCompany()
	o.contacts = newContactBook()
	o.invoices, o.notes = newBook(invoiceFamily()), newBook(creditFamily())
	if !opt.Empty {
		o.furnish()
	}
	return o
}

// TenantID is what the xero-tenant-id header must carry.
func (o *Organisation) TenantID() string { return o.tenantID }

// Credentials are those of the custom connection.
func (o *Organisation) Credentials() (clientID, clientSecret string) {
	return o.apps[customConnection].id, o.apps[customConnection].secret
}

// now is Xero's clock at the precision its stamps have.
func (o *Organisation) now() time.Time { return o.opt.Now().UTC().Truncate(time.Millisecond) }

// today is the calendar date in the organisation's own time zone, which is what Xero writes when a document has none.
func (o *Organisation) today() time.Time {
	y, m, d := o.opt.Now().In(o.company.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// ServeHTTP serves every host Xero has: identity.xero.com, login.xero.com and api.xero.com differ by path alone.
func (o *Organisation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.ToLower(strings.TrimRight(r.URL.Path, "/"))
	switch {
	case strings.HasPrefix(path, "/api.xro/2.0/"):
		o.serveAccounting(w, r)
	case path == "/connections" || strings.HasPrefix(path, "/connections/"):
		o.serveConnections(w, r)
	case path == "/connect/token":
		o.serveToken(w, r)
	case path == "/connect/revocation":
		o.serveRevocation(w, r)
	case path == "/identity/connect/authorize":
		o.serveAuthorize(w, r)
	case path == "/.well-known/openid-configuration":
		o.serveDiscovery(w, r)
	default:
		o.write(w, notFound())
	}
}

// alone runs f while no other call or hand touches the books; the lock is given back even when f panics.
func (o *Organisation) alone(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
}

// stay keeps a call in flight as long as Options.Latency says, or until the client is gone.
func (o *Organisation) stay(ctx context.Context, method, path string) {
	if o.opt.Latency == nil {
		return
	}
	d := o.opt.Latency(method, path)
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
