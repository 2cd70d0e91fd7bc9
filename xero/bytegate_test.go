package xero

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"sf2xero/sync/remote"
)

// A call that may not leave any more does not, whether that shows before the connection is asked for or only when the first
// byte is about to go: then nothing has arrived, and nothing need be waited for.
func TestACallThatMayNotLeaveAnyMore(t *testing.T) {
	t.Parallel()
	tooLate := errors.New("the machine was suspended")
	for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
		for at := range 3 { // which question is answered with no; the last one never comes
			arrived := 0
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/connect/token" {
					answering(200, `{"access_token":"t","expires_in":1800,"token_type":"Bearer"}`, "Content-Type", "application/json")(w, r)
					return
				}
				if body := make([]byte, 100); r.ContentLength > 0 {
					if n, _ := r.Body.Read(body); n > 0 {
						arrived++
					}
				}
				answering(200, `{"Invoices":[{"InvoiceID":"046d8a6d-1ae1-4b4d-9340-5601bdf41b87","Status":"DRAFT"}]}`)(w, r)
			}))
			server.EnableHTTP2 = version == "HTTP/2.0"
			server.StartTLS()
			c, err := New(Options{APIURL: server.URL, IdentityURL: server.URL, ClientID: "app", ClientSecret: secret, TenantID: tenantID, Base: server.Client().Transport})
			if err != nil {
				t.Fatal(err)
			}
			stored, asked := 0, 0
			_, err = c.DoUnless(t.Context(), Create(Invoices, docs(`{}`), "k"), func() error { stored++; return nil }, func() error {
				if asked++; asked == at+1 {
					return tooLate
				}
				return nil
			})
			server.Close()
			switch {
			case at < 2:
				var e *remote.Error
				if !errors.As(err, &e) || !errors.Is(err, tooLate) || e.Sent || e.Class != remote.Retry || arrived != 0 {
					t.Errorf("%s, question %d: %v; %d bodies arrived", version, at+1, err, arrived)
				}
			case err != nil || arrived != 1 || stored != 1 || asked != 2:
				t.Errorf("%s: %v; it arrived %d times, was asked %d times", version, err, arrived, asked)
			}
		}
	}
}
