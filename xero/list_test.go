package xero

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/sync/remote"
)

// collect reads a list whole.
func collect(ctx context.Context, c *Client, k Kind, f Filter) (items []string, pages []Page, err error) {
	for page, err := range c.List(ctx, k, f) {
		if err != nil {
			return items, pages, err
		}
		pages = append(pages, page)
		for _, i := range page.Items {
			items = append(items, string(i))
		}
	}
	return items, pages, nil
}

func TestListReadsToTheLastPage(t *testing.T) {
	t.Parallel()
	paged := func(pages ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var n int
			if _, err := fmt.Sscan(r.URL.Query().Get("page"), &n); err != nil || n > len(pages) {
				answering(500, `{}`)(w, r)
				return
			}
			answering(200, pages[n-1])(w, r)
		}
	}
	for _, tc := range []struct {
		name    string
		kind    Kind
		handler http.HandlerFunc
		items   []string
		calls   int
	}{
		{"two pages by pagination", Invoices, paged(`{"pagination":{"page":1,"pageSize":2,"pageCount":2,"itemCount":3},"Invoices":[1,2]}`, `{"pagination":{"page":2,"pageCount":2},"Invoices":[3]}`), []string{"1", "2", "3"}, 2},
		{"nothing there", Invoices, paged(`{"pagination":{"page":1,"pageSize":1000,"pageCount":0,"itemCount":0},"Invoices":[]}`), nil, 1},
		{"the list shrinks while it is read", Invoices, paged(`{"pagination":{"pageCount":3},"Invoices":[1]}`, `{"pagination":{"pageCount":3},"Invoices":[]}`), []string{"1"}, 2},
		{"the list grows while it is read", Invoices, paged(`{"pagination":{"pageCount":2},"Invoices":[1]}`, `{"pagination":{"pageCount":3},"Invoices":[2]}`, `{"pagination":{"pageCount":3},"Invoices":[3]}`), []string{"1", "2", "3"}, 3},
		{"without pagination only an empty page is the last", Contacts, paged(`{"Contacts":[1,2]}`, `{"Contacts":[3]}`, `{"Contacts":[]}`), []string{"1", "2", "3"}, 3},
		{"a page count of none beside a page", Contacts, paged(`{"pagination":{"pageCount":0},"Contacts":[1]}`, `{"pagination":{"pageCount":0},"Contacts":[2]}`, `{"pagination":{"pageCount":0},"Contacts":[]}`), []string{"1", "2"}, 3},
		{"a list that is not paged", Items, answering(200, `{"Items":[1,2]}`), []string{"1", "2"}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := serveXero(t, tc.handler)
			items, pages, err := collect(t.Context(), s.client(t), tc.kind, Filter{})
			if err != nil || !slices.Equal(items, tc.items) || len(s.calls()) != tc.calls || len(pages) != tc.calls {
				t.Fatalf("got %q in %d pages and %d calls (%v), want %q in %d", items, len(pages), len(s.calls()), err, tc.items, tc.calls)
			}
			for i, p := range pages {
				if p.Number != i+1 || p.Last != (i == len(pages)-1) || p.Asked.IsZero() || p.Asked != pages[0].Asked {
					t.Errorf("page %d: %+v", i+1, p)
				}
			}
		})
	}
}

func TestNothingHasChanged(t *testing.T) {
	t.Parallel()
	s := serveXero(t, answering(304, ``))
	items, pages, err := collect(t.Context(), s.client(t), Contacts, Filter{Since: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)})
	if err != nil || len(items) != 0 || len(pages) != 1 || !pages[0].Last || pages[0].Asked.IsZero() {
		t.Errorf("got %q in %+v (%v)", items, pages, err)
	}
}

// A list that was not shown must not count as one with nothing in it: an invoice that is not in a complete list is made again.
func TestAListThatShowsNothingIsNotAnEmptyOne(t *testing.T) {
	t.Parallel()
	noDate := func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		answering(200, `{"pagination":{"pageCount":1},"Invoices":[1]}`)(w, r)
	}
	for _, tc := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"304 to a question without If-Modified-Since", answering(304, ``), "nothing has changed, which was not asked"},
		{"null", answering(200, `{"pagination":{"page":1,"pageCount":3,"itemCount":2500},"Invoices":null}`), "are no list"},
		{"the first of three pages is empty", answering(200, `{"pagination":{"page":1,"pageCount":3,"itemCount":2500},"Invoices":[]}`), "counts 2500 Invoices and shows none"},
		{"nobody says when it was shown", noDate, "no readable Date"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := serveXero(t, tc.handler)
			items, _, err := collect(t.Context(), s.client(t), Invoices, Filter{})
			if remote.ClassOf(err) != remote.BadConfig || !strings.Contains(err.Error(), tc.want) || len(items) != 0 {
				t.Errorf("got %q (%v), want an error with %q", items, err, tc.want)
			}
		})
	}
}

func TestWhatAListAsksFor(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 21, 23, 0, 0, 999, time.FixedZone("NZDT", 13*3600))
	for _, tc := range []struct {
		kind Kind
		f    Filter
		want string
	}{
		{Invoices, Filter{}, "order=InvoiceID&page=1&pageSize=1000&unitdp=4"},
		{Contacts, Filter{Archived: true, Since: since}, "includeArchived=true&order=ContactID&page=1&pageSize=1000"},
		{Invoices, Filter{IDs: []string{"a", "b"}}, "IDs=a,b&order=InvoiceID&page=1&pageSize=1000&unitdp=4"},
		{Invoices, Filter{Numbers: []string{"INV-1"}, ContactIDs: []string{"c"}, Statuses: []string{"PAID", "VOIDED"}, OurApp: true},
			"ContactIDs=c&InvoiceNumbers=INV-1&Statuses=PAID,VOIDED&createdByMyApp=true&order=InvoiceID&page=1&pageSize=1000&unitdp=4"},
		{Contacts, Filter{Where: `Name=="A ""B"" & C"`}, `order=ContactID&page=1&pageSize=1000&where=Name=="A ""B"" & C"`},
		{CreditNotes, Filter{}, "order=CreditNoteID&page=1&pageSize=1000&unitdp=4"},
		{Payments, Filter{}, "order=PaymentID&page=1&pageSize=1000"},
		{Quotes, Filter{}, "order=QuoteID&page=1"},
		{Items, Filter{}, "unitdp=4"},
	} {
		s := serveXero(t, answering(200, fmt.Sprintf(`{%q:[]}`, tc.kind)))
		if _, _, err := collect(t.Context(), s.client(t), tc.kind, tc.f); err != nil {
			t.Errorf("%s: %v", tc.kind, err)
			continue
		}
		asked, err := url.Parse(strings.Split(s.calls()[0], " ")[1])
		if err != nil {
			t.Fatal(err)
		}
		got, err := url.QueryUnescape(asked.RawQuery)
		if err != nil || got != tc.want || asked.Path != tc.kind.Path() {
			t.Errorf("asked %s?%s\nwant %s", asked.Path, got, tc.want)
		}
		want := ""
		if !tc.f.Since.IsZero() {
			want = "2026-11-21T10:00:00Z"
		}
		if got := s.header(0).Get("If-Modified-Since"); got != want {
			t.Errorf("%s: since %q, want %q", tc.kind, got, want)
		}
	}
	s := serveXero(t, answering(200, `{}`))
	for _, bad := range []struct {
		kind Kind
		f    Filter
	}{{Contacts, Filter{Numbers: []string{"1"}}}, {Items, Filter{IDs: []string{"1"}}}, {Contacts, Filter{Statuses: []string{"ACTIVE"}}}, {"Journals", Filter{}}, {CreditNotes, Filter{OurApp: true}}} {
		if _, _, err := collect(t.Context(), s.client(t), bad.kind, bad.f); remote.ClassOf(err) != remote.BadConfig {
			t.Errorf("%s by %+v: %v", bad.kind, bad.f, err)
		}
	}
	if got := s.calls(); len(got) != 0 {
		t.Errorf("called %v", got)
	}
}

// inMemory is a transport without a network, for fake time. It answers the token
// endpoint itself.
type inMemory func(*http.Request) (int, string)

func (f inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := 200, `{"access_token":"token","expires_in":1800}`
	if r.URL.Path != tokenPath {
		status, body = f(r)
	}
	if status == 0 {
		return nil, errors.New("connection reset by peer")
	}
	h := http.Header{"Content-Type": {"application/json"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}}
	if status == 429 {
		h.Set("Retry-After", "30")
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestReadsAreRetriedInTheirOwnTime(t *testing.T) {
	t.Parallel()
	const ok = `{"Contacts":[1],"pagination":{"pageCount":1}}`
	for _, tc := range []struct {
		name    string
		answers []string // "status body", the last one for ever
		calls   int
		class   remote.Class
		min     time.Duration // how long it takes
		max     time.Duration
	}{
		{"at once", []string{"200 " + ok}, 1, 0, 0, 0},
		{"a broken connection", []string{"0", "200 " + ok}, 2, 0, 750 * time.Millisecond, time.Second},
		{"a server error twice", []string{"500", "502", "200 " + ok}, 3, 0, 3750 * time.Millisecond, 5 * time.Second},
		{"a truncated answer", []string{`200 {"Contacts":[1`, "200 " + ok}, 2, 0, 750 * time.Millisecond, time.Second},
		{"four failures are enough", []string{"503"}, 4, remote.Retry, 10 * time.Second, 14 * time.Second},
		{"throttled for half a minute", []string{"429", "200 " + ok}, 2, 0, 30 * time.Second, 30 * time.Second},
		{"an organisation that is offline is not waited for", []string{"503 The Organisation is offline"}, 1, remote.Retry, 0, 0},
		{"a bad query", []string{`400 {"Type":"QueryParseException","Message":"No property or field 'X' exists"}`}, 1, remote.BadConfig, 0, 0},
		{"a page that is not there", []string{"404"}, 1, remote.BadConfig, 0, 0},
		{"a redirect", []string{"302"}, 1, remote.BadConfig, 0, 0},
		{"the wrong organisation", []string{"403"}, 1, remote.Auth, 0, 0},
		{"a missing permission", []string{`401 {"Detail":"AuthorizationUnsuccessful"}`}, 1, remote.Auth, 0, 0},
		{"an expired token", []string{`401 {"Detail":"TokenExpired"}`, "200 " + ok}, 2, 0, 0, 0},
		{"a token that is always expired", []string{`401 {"Detail":"TokenExpired"}`}, 2, remote.Auth, 0, 0},
		{"an answer of another shape", []string{`200 {"Contacts":{}}`}, 1, remote.BadConfig, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				transport := inMemory(func(*http.Request) (int, string) {
					a := tc.answers[min(calls, len(tc.answers)-1)]
					calls++
					var status int
					text, body, _ := strings.Cut(a, " ")
					if _, err := fmt.Sscan(text, &status); err != nil {
						t.Error(err)
					}
					return status, body
				})
				c, err := New(Options{ClientID: "app", ClientSecret: secret, TenantID: tenantID, Base: transport})
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				_, _, err = collect(t.Context(), c, Contacts, Filter{})
				took := time.Since(began)
				if remote.ClassOf(err) != tc.class || calls != tc.calls || took < tc.min || took > tc.max {
					t.Errorf("got %v after %d calls and %s, want class %v after %d and %s to %s", err, calls, took, tc.class, tc.calls, tc.min, tc.max)
				}
				if reads, _ := c.Calls(); reads != calls {
					t.Errorf("%d reads were counted, %d made", reads, calls)
				}
			})
		})
	}
}

func TestWaitingForARetryEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{ClientID: "app", ClientSecret: secret, TenantID: tenantID, Base: inMemory(func(*http.Request) (int, string) { return 500, "" })})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		began := time.Now()
		_, _, err = collect(ctx, c, Contacts, Filter{})
		if err == nil || time.Since(began) != 2*time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}

// Asked may never be later than the moment of asking, by the server's clock.
func TestAskedIsNotLaterThanTheTruth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked time.Time
		c, err := New(Options{ClientID: "app", ClientSecret: secret, TenantID: tenantID, Base: inMemory(func(*http.Request) (int, string) {
			asked = time.Now()
			time.Sleep(7300 * time.Millisecond)
			return 200, `{"Contacts":[],"pagination":{"pageCount":0}}`
		})})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(400 * time.Millisecond)
		for range 3 {
			_, pages, err := collect(t.Context(), c, Contacts, Filter{})
			if err != nil {
				t.Fatal(err)
			}
			if got := pages[0].Asked; got.After(asked) || asked.Sub(got) > time.Second {
				t.Errorf("asked at %s, said %s", asked, got)
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestACallWithoutAnAnswerKeepsItsPlaceForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := true
		c, err := New(Options{ClientID: "app", ClientSecret: secret, TenantID: tenantID, Pacer: remote.NewPacer(remote.Limits{InFlight: 1}), Base: inMemory(func(*http.Request) (int, string) {
			if broken {
				return 0, ""
			}
			return 200, `{"Items":[]}`
		})})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), Create(Invoices, docs(`{}`), "k"), nil); remote.ClassOf(err) != remote.Unknown {
			t.Errorf("got %v", err)
		}
		broken = false
		began := time.Now()
		if _, _, err := collect(t.Context(), c, Items, Filter{}); err != nil || time.Since(began) != 30*time.Second {
			t.Errorf("the next call came after %s (%v); Xero may still be at work on the first", time.Since(began), err)
		}
	})
}
