package salesforce

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"sf2xero/sync/remote"
)

// The tokenGate carries one token request. It gives it the caller's context, which oauth2's JWT flow forgets, and keeps
// the reason of a failure, which that flow loses.
type tokenGate struct {
	ctx    context.Context
	base   http.RoundTripper
	failed *remote.Error
}

func (g *tokenGate) RoundTrip(req *http.Request) (*http.Response, error) {
	watched, departure := remote.Watch(g.ctx)
	resp, err := g.base.RoundTrip(req.Clone(watched))
	if err != nil {
		g.failed = unreachable(req.URL.Host, err, departure.Left(err), tokenTimeout)
		g.failed.Op = opSignIn
		return nil, g.failed
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, nil // oauth2 reads at most 1 MB of it
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	g.failed = tokenRefusal(resp.StatusCode, resp.Header, body)
	return nil, g.failed
}

// tokenRefusal makes the error of a token endpoint's refusal: {"error", "error_description"}, an object and not an array.
func tokenRefusal(status int, header http.Header, body []byte) *remote.Error {
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(body, &said) // a page of HTML says nothing that could be used
	e := complain(opSignIn, status, []complaint{{ErrorCode: said.Error, Message: said.Description}}, "")
	e.RequestID = header.Get("X-Request-Id")
	e.RetryAfter = remote.RetryAfter(header, time.Now())
	e.Class, e.Remedy = classifyToken(status, said.Error, strings.ToLower(said.Description))
	if e.Code == "LOGIN_RATE_EXCEEDED" && e.RetryAfter == 0 {
		e.RetryAfter = time.Hour
	}
	return e
}

// classifyToken tells what a person has to mend when signing in fails.
func classifyToken(status int, code, description string) (remote.Class, string) {
	says := func(part string) bool { return strings.Contains(description, part) }
	switch {
	case code == "LOGIN_RATE_EXCEEDED" || says("login_rate_exceeded") || says("login rate exceeded"):
		return remote.Throttled, "The user signed in more than 3,600 times within an hour: find out what else uses it."
	case code == "invalid_client" && says("installed"):
		return remote.BadConfig, "Install the app into the organisation (Setup, External Client Apps), or approve it for its users."
	case code == "invalid_client" || code == "invalid_client_id":
		return remote.BadConfig, "Check salesforce.client_id and salesforce.client_secret against the consumer key and secret of the app."
	case code == "unsupported_grant_type":
		return remote.BadConfig, "Switch the flow of salesforce.auth on in the app's OAuth settings."
	case code == "invalid_grant" && says("expired authorization code"):
		return remote.Auth, "Set this machine's clock: Salesforce found the signed request too old."
	case code == "invalid_grant" && says("audience"):
		return remote.BadConfig, "Check salesforce.login_url: a sandbox and its production organisation are not the same."
	case code == "invalid_grant" && says("approved this consumer"):
		return remote.BadConfig, "Let administrators approve the app's users, and assign the app to the integration user by a permission set."
	case code == "invalid_grant" && says("not supported on this domain"):
		return remote.BadConfig, "Set salesforce.login_url to the organisation's My Domain address."
	case code == "invalid_grant" && says("client credentials user"):
		return remote.BadConfig, "Choose the user to run as in the app's client credentials settings."
	case code == "invalid_grant" && says("expired access/refresh token"):
		return remote.Auth, "The grant was revoked: approve the app for the integration user again."
	case code == "invalid_grant":
		return remote.Auth, "Check salesforce.username, that the integration user is active, and that its login IP ranges and the app's policies let this machine in."
	case code == "inactive_user", code == "inactive_org", code == "invalid_app_access":
		return remote.Auth, "Salesforce has closed the user, the organisation or the app's access: ask its administrator."
	case status == http.StatusTooManyRequests:
		return remote.Throttled, remedyWait
	case status >= 500, status == http.StatusRequestTimeout:
		return remote.Retry, remedyWait
	case status == http.StatusNotFound, status < 400:
		return remote.BadConfig, "Set salesforce.login_url to the organisation's My Domain address."
	}
	return remote.Auth, "Check the app's settings and the integration user in Salesforce."
}
