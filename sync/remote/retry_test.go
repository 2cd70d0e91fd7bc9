package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		try    int
		err    *Error
		jitter float64
		want   Decision
	}{
		{"nothing failed", 1, nil, 0, Decision{Why: "it did not fail"}},
		{"first failure waits a second", 1, &Error{Class: Retry}, 0, Decision{true, time.Second, "retry"}},
		{"jitter shortens by up to a quarter", 2, &Error{Class: Retry}, 1, Decision{true, 3 * time.Second, "retry"}},
		{"third failure waits nine seconds", 3, &Error{Class: Retry}, 0, Decision{true, 9 * time.Second, "retry"}},
		{"fourth failure is the last", 4, &Error{Class: Retry}, 0, Decision{Why: "tried 4 times"}},
		{"the service's own wait wins", 1, &Error{Class: Throttled, RetryAfter: 42 * time.Second}, 0, Decision{true, 42 * time.Second, "throttled"}},
		{"a day's wait is not sat out inside a call", 1, &Error{Class: Throttled, RetryAfter: 20 * time.Hour}, 0, Decision{Why: "the service asks for 20h0m0s of silence"}},
		{"maintenance for five minutes neither", 1, &Error{Class: Retry, RetryAfter: 5 * time.Minute}, 0, Decision{Why: "the service asks for 5m0s of silence"}},
		{"an unknown outcome is never repeated", 1, &Error{Class: Unknown}, 0, Decision{Why: "it may have been done: only looking can tell"}},
		{"wrong credentials stay wrong", 1, &Error{Class: Auth}, 0, Decision{Why: "the same call would fail again: auth"}},
		{"a refused record stays refused", 1, &Error{Class: BadRecord}, 0, Decision{Why: "the same call would fail again: bad record"}},
		{"a wrong call stays wrong", 1, &Error{Class: BadConfig}, 0, Decision{Why: "the same call would fail again: bad configuration"}},
	} {
		if got := Decide(tc.try, tc.err, tc.jitter); got != tc.want {
			t.Errorf("%s: got %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

func TestClassOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		err  error
		want Class
	}{
		{"no error", nil, 0},
		{"our own, wrapped", fmt.Errorf("pushing: %w", &Error{Class: BadRecord}), BadRecord},
		{"a cancelled call tells nothing", context.Canceled, Unknown},
		{"nor does one that ran out of time", fmt.Errorf("x: %w", context.DeadlineExceeded), Unknown},
		{"unless it is known not to have been sent", &Error{Class: Retry, Err: context.Canceled}, Retry},
		{"anything else", errors.New("connection refused"), Retry},
	} {
		if got := ClassOf(tc.err); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestErrorReadsAsASentence(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err  *Error
		want string
	}{
		{&Error{API: "Xero", Op: "PUT /api.xro/2.0/Invoices", Class: BadRecord, Status: 400, Message: "Invoice # must be unique.", RequestID: "abc", Remedy: "Choose another number."},
			"Xero: PUT /api.xro/2.0/Invoices: Invoice # must be unique (HTTP 400, request abc). Choose another number."},
		{&Error{API: "Xero", Op: "GET /x", Class: Throttled, Status: 429, RetryAfter: time.Minute}, "Xero: GET /x: throttled (HTTP 429, not before 1m0s have passed)"},
		{&Error{Class: Unknown, Err: errors.New("EOF")}, "EOF (outcome unknown)"},
		{&Error{Class: Auth, Code: "invalid_client", Message: "the client id or secret is wrong"}, "the client id or secret is wrong (invalid_client)"},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}

func TestSecretShowsInNoVerbAndNoEncoder(t *testing.T) {
	t.Parallel()
	s := Secret("hunter2")
	type config struct {
		ID  string
		Key Secret
	}
	c := config{"id", s}
	var outputs []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		outputs = append(outputs, fmt.Sprintf(verb, s), fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c))
	}
	encoded, err := json.Marshal(map[string]any{"config": c, "list": []Secret{s}})
	if err != nil {
		t.Fatal(err)
	}
	outputs = append(outputs, string(encoded), s.String(), s.GoString(), fmt.Sprint(s), fmt.Errorf("x %w %v", errors.New("y"), s).Error())
	for _, out := range outputs {
		for _, leak := range []string{"hunter2", "68756e74657232", "68756E74657232"} {
			if strings.Contains(out, leak) {
				t.Errorf("the secret shows in %q", out)
			}
		}
	}
	if s.Reveal() != "hunter2" {
		t.Errorf("Reveal gave %q", s.Reveal())
	}
}
