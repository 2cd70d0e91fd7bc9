package xero

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sf2xero/sync/remote"
)

// Reported by users of five libraries: an address with more than about 52 ids is answered 404, as if nothing were there.
func TestALongQuestionIsAskedInPieces(t *testing.T) {
	t.Parallel()
	ids := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("%08d-0000-4000-8000-000000000000", i))
		}
		return all
	}
	numbers := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("Größe-%04d", i))
		}
		return all
	}
	for _, tc := range []struct {
		name   string
		kind   Kind
		f      Filter
		pieces int
		asked  []string // what the pieces name, in order
	}{
		{"forty ids", Invoices, Filter{IDs: ids(40)}, 1, ids(40)},
		{"sixty ids", Invoices, Filter{IDs: ids(60)}, 2, ids(60)},
		{"a thousand ids", Contacts, Filter{IDs: ids(1000), Archived: true}, 20, ids(1000)},
		{"an id twice", Contacts, Filter{IDs: append(ids(50), ids(50)...)}, 1, ids(50)},
		{"numbers with umlauts", Invoices, Filter{Numbers: numbers(100)}, 2, numbers(100)},
		{"two lists, of which the longer is divided", Invoices, Filter{Statuses: []string{"DRAFT", "PAID"}, ContactIDs: ids(60)}, 2, ids(60)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := serveXero(t, func(w http.ResponseWriter, r *http.Request) {
				var page int
				if _, err := fmt.Sscan(r.URL.Query().Get("page"), &page); err != nil {
					t.Error(err)
				}
				answering(200, fmt.Sprintf(`{"pagination":{"page":%d,"pageCount":2},%q:[%d]}`, page, tc.kind, page))(w, r)
			})
			items, pages, err := collect(t.Context(), s.client(t), tc.kind, tc.f)
			if err != nil || len(items) != 2*tc.pieces || len(s.calls()) != 2*tc.pieces {
				t.Fatalf("%d items in %d calls (%v), want %d pieces of two pages", len(items), len(s.calls()), err, tc.pieces)
			}
			for i, p := range pages {
				if p.Number != i+1 || p.Last != (i == len(pages)-1) || p.Asked != pages[0].Asked {
					t.Errorf("page %d: %+v", i+1, p)
				}
			}
			var asked []string
			for i, call := range s.calls() {
				address, err := url.Parse(strings.Split(call, " ")[1])
				if err != nil {
					t.Fatal(err)
				}
				if len(address.RawQuery) > 2048 {
					t.Errorf("call %d asks in %d bytes", i, len(address.RawQuery))
				}
				query := address.Query()
				if tc.f.Statuses != nil && query.Get("Statuses") != "DRAFT,PAID" {
					t.Errorf("call %d lost the statuses", i)
				}
				if query.Get("page") == "1" {
					asked = append(asked, strings.Split(query.Get("IDs")+query.Get("InvoiceNumbers")+query.Get("ContactIDs"), ",")...)
				}
			}
			if !slices.Equal(asked, tc.asked) {
				t.Errorf("asked for %d of %d", len(asked), len(tc.asked))
			}
		})
	}
	for _, f := range []Filter{{Where: `Name=="` + strings.Repeat("語", 255) + `"`}, {IDs: []string{strings.Repeat("x", 2048)}}, {IDs: ids(1), Where: strings.Repeat("x", 2000)}} {
		s := serveXero(t, answering(200, `{"Contacts":[]}`))
		if _, _, err := collect(t.Context(), s.client(t), Contacts, f); remote.ClassOf(err) != remote.BadConfig || !strings.Contains(fmt.Sprint(err), "Xero takes 2048") || len(s.calls()) > 0 {
			t.Errorf("a question that cannot be divided: %v after %d calls", err, len(s.calls()))
		}
	}
}
