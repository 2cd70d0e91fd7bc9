package salesforce

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"sf2xero/sync/remote"
)

func newRows(n int) []NewRow {
	rows := make([]NewRow, n)
	for i := range rows {
		rows[i] = NewRow{Object: "Xero_Act__c", Fields: json.RawMessage(`{"Key__c":"k"}`)}
	}
	return rows
}

// An insert that was sent is never sent again, whatever became of it: what it made would be in its own way.
func TestAnInsertIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		class  remote.Class
		sent   bool
	}{
		{"no answer", nil, remote.Retry, true},
		{"an answer that breaks off", func(w http.ResponseWriter) { io.WriteString(w, `[{"id":"a0X0`) }, remote.Retry, true},
		{"an answer about another number of rows", func(w http.ResponseWriter) { io.WriteString(w, `[]`) }, remote.Retry, true},
		{"an outage", func(w http.ResponseWriter) { http.Error(w, "<html>", http.StatusServiceUnavailable) }, remote.Retry, true},
		{"a refusal of the whole", func(w http.ResponseWriter) {
			http.Error(w, `[{"errorCode":"INVALID_TYPE","message":"sObject type 'Xero_Act__c' is not supported."}]`, 400)
		}, remote.BadConfig, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := &canned{answer: func(w http.ResponseWriter, r *http.Request, _ []byte) {
					if c.answer != nil {
						c.answer(w)
					}
				}}
				client := org.client(t, func(o *Options) {
					o.Base = roundTripper(func(r *http.Request) (*http.Response, error) {
						resp, err := org.RoundTrip(r)
						if c.answer == nil && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/composite/sobjects") {
							return nil, io.ErrUnexpectedEOF
						}
						return resp, err
					})
				})
				results, err := client.Insert(context.Background(), newRows(1))
				e := want(t, err, c.class)
				if org.calls != 1 || results[0].Err == nil || results[0].Duplicate || e.Sent != c.sent {
					t.Errorf("%d calls, sent %t: %+v", org.calls, e.Sent, results[0])
				}
			})
		})
	}
}

// An ended session is no answer to the insert: it is renewed, and the insert made.
func TestAnInsertWithAnEndedSession(t *testing.T) {
	t.Parallel()
	n := 0
	org := &canned{answer: func(w http.ResponseWriter, r *http.Request, _ []byte) {
		if n++; n == 1 {
			http.Error(w, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`, http.StatusUnauthorized)
			return
		}
		io.WriteString(w, `[{"id":"a0XDn0000000001","success":true,"errors":[]}]`)
	}}
	results, err := org.client(t).Insert(context.Background(), newRows(1))
	if err != nil || len(results[0].ID) != 18 || results[0].Err != nil {
		t.Errorf("%+v, %v", results, err)
	}
}

// A row that cannot be sent stops nothing of what was sent before it, and says that it was not.
func TestRowsBehindACallThatFailed(t *testing.T) {
	t.Parallel()
	org := &canned{answer: func(w http.ResponseWriter, r *http.Request, _ []byte) { http.Error(w, "", 500) }}
	results, err := org.client(t).Insert(context.Background(), newRows(201))
	want(t, err, remote.Retry)
	if org.calls != 1 || !results[0].Err.Sent || results[200].Err.Sent {
		t.Errorf("%d calls: %v, %v", org.calls, results[0].Err, results[200].Err)
	}
	bad := newRows(2)
	bad[1].Fields = json.RawMessage(`[]`)
	results, err = org.client(t).Insert(context.Background(), bad)
	want(t, err, remote.BadRecord, "row 2")
	if results[0].Err.Sent {
		t.Errorf("%v", results[0].Err)
	}
}
