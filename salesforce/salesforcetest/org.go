// Package salesforcetest is a Salesforce org in memory: an http.Handler that keeps state and refuses what
// Salesforce refuses, with Salesforce's texts. It shares no code with the client that is tried against it.
//
// What goes through ServeHTTP obeys the rules of the API. What a person or another program does in the org
// (win a deal, lock a record, take a permission away) is a Go method, see hands.go.
package salesforcetest

import (
	"bytes"
	"compress/gzip"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options says what kind of org to start; the zero value is a usable single-currency production org.
type Options struct {
	Now           func() time.Time                      // the org's clock; time.Now if nil
	Visible       func(object, id string) time.Duration // how long after its stamp a change made by hand is seen by readers; nil: at once. It must not call the org
	ClientID      string                                // consumer key of the app
	ClientSecret  string                                // consumer secret of the app
	Username      string                                // the integration user that both server flows run as
	OrgID         string                                // 15 or 18 characters; made from Seed if empty
	Seed          string                                // distinguishes the ids and tokens of two orgs
	Company       string                                // Organization.Name
	Currency      string                                // the org's own currency, NZD if empty
	Currencies    []string                              // further active currencies, with MultiCurrency
	JWTPublicKey  []byte                                // PEM of a certificate or public key that is accepted beside JWTKey
	SessionLife   time.Duration                         // life of an access token from its issue; 2 hours if zero
	DailyLimit    int                                   // API calls in 24 hours; 100,000 if zero
	MultiCurrency bool                                  // CurrencyIsoCode exists on every record
	Sandbox       bool                                  // test.salesforce.com is the audience, Organization.IsSandbox
	Acts          bool                                  // the admin has made the custom object Xero_Act__c

	// Collides says whether the nth insert over the API of a value of a unique field meets another one that is not committed yet; nil: none does. It must not call the org.
	Collides func(object, value string, nth int) bool
}

// Org is one Salesforce organisation; it is safe for concurrent use.
type Org struct {
	opt     Options
	orgID   string
	user    string // id of the integration user
	keyOnce sync.Once
	key     *rsa.PrivateKey
	extra   *rsa.PublicKey

	mu          sync.Mutex
	objects     map[string]*object // by lower-case name
	ordered     []*object          // by name
	byPrefix    map[string]*object
	rows        map[string]*row // by 18-character id
	sessions    map[string]session
	jtis        map[string]bool
	issued      int
	cursors     map[string]*cursor
	asked       map[string]int    // how often each query made a cursor: the n-th one gets its own id
	calls       map[int64]int     // API calls by hour
	inserted    map[string]int    // how often a value of a unique field was inserted, or was to be
	statusCodes map[string]string // of the company's own statuses of orders and contracts: whether they are drafts'
	slow        map[*object]int   // queries that find more rows than this run too long
	noEntry     *answer           // what every sign-in is answered, while one is refused
	undo        []func()          // how to take back the running all-or-none request
	undoing     bool
	schemaAt    time.Time
}

// New starts an org with the standard objects, one company record and the integration user.
func New(opt Options) *Org {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	setDefault(&opt.ClientID, "3MVG9emulated.consumer.key"+opt.Seed)
	setDefault(&opt.ClientSecret, "emulated-consumer-secret"+opt.Seed)
	setDefault(&opt.Username, "integration@example.com")
	setDefault(&opt.Company, "Example Ltd")
	setDefault(&opt.Currency, "NZD")
	if opt.SessionLife == 0 {
		opt.SessionLife = 2 * time.Hour
	}
	if opt.DailyLimit == 0 {
		opt.DailyLimit = 100000
	}
	o := &Org{
		opt: opt, objects: map[string]*object{}, byPrefix: map[string]*object{}, rows: map[string]*row{},
		sessions: map[string]session{}, jtis: map[string]bool{}, cursors: map[string]*cursor{}, asked: map[string]int{}, calls: map[int64]int{}, inserted: map[string]int{},
		slow: map[*object]int{}, statusCodes: map[string]string{},
	}
	o.orgID = opt.OrgID
	if o.orgID == "" {
		o.orgID = "00D" + podOf(opt.Seed) + "0000000001"
	}
	if id, ok := id18(o.orgID); ok {
		o.orgID = id
	}
	for _, def := range standardObjects(opt.MultiCurrency) {
		o.addObject(def)
	}
	if opt.Acts {
		o.addObject(actObject())
	}
	o.extra = publicKeyFromPEM(opt.JWTPublicKey)
	o.schemaAt = o.now()
	o.furnish()
	return o
}

func setDefault(s *string, v string) {
	if *s == "" {
		*s = v
	}
}

// furnish adds the rows that every org has from its first day.
func (o *Org) furnish() {
	user, profile := o.objects["user"], o.objects["profile"]
	o.user = o.newID(user)
	profileID := o.newID(profile)
	boot := func(obj *object, id string, fields map[string]any) {
		r, err := o.insert(obj, fields, origin{hand: true, id: id})
		if err != nil {
			panic(fmt.Sprintf("salesforcetest: the %s record every org has: %s", obj.name, err.message))
		}
		r.furnished = true
	}
	boot(profile, profileID, map[string]any{"Name": "Minimum Access - API Only Integrations"})
	boot(user, o.user, map[string]any{"Username": o.opt.Username, "LastName": "Integration", "FirstName": "Invoice", "Email": "integration@example.com", "IsActive": true,
		"ProfileId": profileID, "DefaultCurrencyIsoCode": o.opt.Currency})
	boot(o.objects["organization"], o.orgID, map[string]any{
		"Name": o.opt.Company, "DefaultCurrencyIsoCode": o.opt.Currency, "IsSandbox": o.opt.Sandbox,
		"OrganizationType": "Enterprise Edition", "InstanceName": "NZ1", "TimeZoneSidKey": "Pacific/Auckland", "LanguageLocaleKey": "en_US",
	})
	boot(o.objects["pricebook2"], "", map[string]any{"Name": "Standard Price Book", "IsActive": true, "IsStandard": true})
	o.furnishStages(boot)
	if o.opt.MultiCurrency {
		for i, code := range append([]string{o.opt.Currency}, o.opt.Currencies...) {
			boot(o.objects["currencytype"], "", map[string]any{"IsoCode": code, "ConversionRate": 1, "DecimalPlaces": 2, "IsActive": true, "IsCorporate": i == 0})
		}
	}
}

// now is the org's clock as records carry it: whole seconds, UTC.
func (o *Org) now() time.Time { return o.opt.Now().UTC().Truncate(time.Second) }

// A call is one request, whether it came over HTTP or inside a composite one.
type call struct {
	method  string
	version string   // "66.0"
	path    []string // behind /services/data/vNN.0
	query   map[string][]string
	header  http.Header
	body    []byte
	host    string
	inside  bool // a subrequest of a composite call
}

func (c *call) param(name string) string {
	for k, v := range c.query {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

func (c *call) base() string { return "/services/data/v" + c.version }

// An answer is what a call returns; body is nil for an empty one.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// Request bodies above this are refused; Salesforce takes 50 MB at most.
const maxBody = 50 << 20

// Salesforce caps URI and headers together at 16,384 bytes.
const maxHead = 16384

// ServeHTTP answers every path of the instance and of its login host.
func (o *Org) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, refused, err := readBody(w, r)
	if err != nil {
		return // the client went away while sending: there is nobody to answer
	}
	o.mu.Lock()
	var a answer
	if refused != nil {
		a = refused.answer()
	} else {
		a = o.serve(r, body)
	}
	o.mu.Unlock()
	h := w.Header()
	h["Date"] = []string{o.opt.Now().UTC().Format(http.TimeFormat)}
	for k, v := range a.header {
		h[k] = v
	}
	if a.body != nil && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json;charset=UTF-8")
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		h.Del("Content-Length")
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		w.Write(a.body)
	}
}

// readBody reads a request's body, compressed or not, with or without a Content-Length.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	tooLarge := refuse(http.StatusRequestEntityTooLarge, "REQUEST_ENTITY_TOO_LARGE", "The request body is too large")
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, tooLarge, nil
	}
	// Some clients announce gzip on requests whose body is empty or plain all the same.
	if err != nil || !strings.EqualFold(header(r.Header, "Content-Encoding"), "gzip") || !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, badRequest("JSON_PARSER_ERROR", "The body is not compressed as Content-Encoding says"), nil
	}
	body, err = io.ReadAll(io.LimitReader(z, maxBody+1))
	switch {
	case err != nil:
		return nil, badRequest("JSON_PARSER_ERROR", "The compressed body is broken"), nil
	case len(body) > maxBody:
		return nil, tooLarge, nil
	}
	return body, nil, nil
}

func headSize(r *http.Request) int {
	n := len(r.RequestURI)
	if n == 0 {
		n = len(r.URL.RequestURI())
	}
	for k, vs := range r.Header {
		for _, v := range vs {
			n += len(k) + len(v) + 4
		}
	}
	return n
}
