package salesforcetest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

// ask posts to the token endpoint and returns the status and the fields of the answer.
func ask(t *testing.T, o http.Handler, host string, form url.Values, edit func(*http.Request)) (int, map[string]string) {
	t.Helper()
	r := httptest.NewRequest("POST", "https://"+host+"/services/oauth2/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if edit != nil {
		edit(r)
	}
	w := httptest.NewRecorder()
	o.ServeHTTP(w, r)
	var m map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		t.Fatalf("token answer %d: %s", w.Code, w.Body)
	}
	return w.Code, m
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	o := salesforcetest.New(salesforcetest.Options{ClientID: "key/1+2", ClientSecret: "s%crét&"})
	grant := func(more ...string) url.Values {
		f := url.Values{"grant_type": {"client_credentials"}}
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	basic := func(id, secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(id, secret) }
	}
	const host = "acme.my.salesforce.com"
	tests := []struct {
		name  string
		host  string
		form  url.Values
		edit  func(*http.Request)
		code  int
		error string
		text  string
	}{
		{"in the form", host, grant("client_id", "key/1+2", "client_secret", "s%crét&"), nil, 200, "", ""},
		{"in a Basic header", host, grant(), basic("key/1+2", "s%crét&"), 200, "", ""},
		{"in a form-encoded Basic header", host, grant(), basic(url.QueryEscape("key/1+2"), url.QueryEscape("s%crét&")), 200, "", ""},
		{"wrong secret", host, grant("client_id", "key/1+2", "client_secret", "x"), nil, 400, "invalid_client", "invalid client credentials"},
		{"wrong key", host, grant("client_id", "x", "client_secret", "s%crét&"), nil, 400, "invalid_client", "invalid client credentials"},
		{"no key", host, grant(), nil, 400, "invalid_request", "missing required parameter: client_id"},
		{"at login.salesforce.com", "login.salesforce.com", grant("client_id", "key/1+2", "client_secret", "s%crét&"), nil, 400, "invalid_grant", "request not supported on this domain"},
		{"no grant", host, url.Values{}, nil, 400, "unsupported_grant_type", "grant type not supported"},
		{"password grant", host, url.Values{"grant_type": {"password"}}, nil, 400, "invalid_grant", "authentication failure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, m := ask(t, o, tt.host, tt.form, tt.edit)
			if code != tt.code || m["error"] != tt.error || m["error_description"] != tt.text {
				t.Fatalf("got %d %v", code, m)
			}
			if code != 200 {
				return
			}
			if _, there := m["expires_in"]; there || m["instance_url"] != "https://"+host || m["id"] != "https://"+host+"/id/"+o.OrgID()+"/"+o.UserID() || m["token_type"] != "Bearer" {
				t.Errorf("got %v", m)
			}
			if m["issued_at"] == "" || m["signature"] == "" || m["refresh_token"] != "" {
				t.Errorf("got %v", m)
			}
		})
	}
}

// sign makes a JWT bearer assertion.
func sign(t *testing.T, key *rsa.PrivateKey, head, claims map[string]any) string {
	t.Helper()
	seg := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := seg(head) + "." + seg(claims)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func TestJWTBearer(t *testing.T) {
	t.Parallel()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	uploaded, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&uploaded.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	o := salesforcetest.New(salesforcetest.Options{Now: func() time.Time { return firstDay }, ClientID: "key", Username: "me@acme.nz", JWTPublicKey: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})})
	block, _ := pem.Decode(o.JWTKey())
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key := parsed.(*rsa.PrivateKey)
	rs256 := map[string]any{"alg": "RS256"}
	claims := func(change ...any) map[string]any {
		c := map[string]any{"iss": "key", "sub": "me@acme.nz", "aud": "https://login.salesforce.com", "exp": firstDay.Add(3 * time.Minute).Unix()}
		for i := 0; i+1 < len(change); i += 2 {
			if change[i+1] == nil {
				delete(c, change[i].(string))
			} else {
				c[change[i].(string)] = change[i+1]
			}
		}
		return c
	}
	flipped := []byte(sign(t, key, rs256, claims()))
	flipped[len(flipped)-5] ^= 1
	tests := []struct {
		name, assertion, error, text string
	}{
		{"signed by the org's key", sign(t, key, rs256, claims()), "", ""},
		{"signed by the uploaded key", sign(t, uploaded, rs256, claims()), "", ""},
		{"aud is the org's own domain", sign(t, key, rs256, claims("aud", "https://acme.my.salesforce.com")), "", ""},
		{"aud is the token URL", sign(t, key, rs256, claims("aud", "https://acme.my.salesforce.com/services/oauth2/token")), "", ""},
		{"aud is a list", sign(t, key, rs256, claims("aud", []string{"https://login.salesforce.com"})), "", ""},
		{"prn instead of sub", sign(t, key, rs256, claims("sub", nil, "prn", "me@acme.nz")), "", ""},
		{"user in other case", sign(t, key, rs256, claims("sub", "Me@Acme.NZ")), "", ""},
		{"a jti for the first time", sign(t, key, rs256, claims("jti", "one")), "", ""},
		{"the jti again", sign(t, key, rs256, claims("jti", "one")), "invalid_grant", "the jti of this assertion was used before"},
		{"signed by a stranger", sign(t, other, rs256, claims()), "invalid_grant", "invalid assertion"},
		{"signature broken", string(flipped), "invalid_grant", "invalid assertion"},
		{"not a JWT", "abc", "invalid_grant", "invalid assertion"},
		{"nothing", "", "invalid_request", "missing required parameter: assertion"},
		{"HS256", sign(t, key, map[string]any{"alg": "HS256"}, claims()), "invalid_grant", "algorithm not supported: only RS256 is"},
		{"alg none", sign(t, key, map[string]any{"alg": "none"}, claims()), "invalid_grant", "algorithm not supported: only RS256 is"},
		{"another app", sign(t, key, rs256, claims("iss", "x")), "invalid_client_id", "client identifier invalid"},
		{"another user", sign(t, key, rs256, claims("sub", "you@acme.nz")), "invalid_grant", "user hasn't approved this consumer"},
		{"sandbox audience", sign(t, key, rs256, claims("aud", "https://test.salesforce.com")), "invalid_grant", "audience is invalid"},
		{"no audience", sign(t, key, rs256, claims("aud", nil)), "invalid_grant", "audience is invalid"},
		{"expired", sign(t, key, rs256, claims("exp", firstDay.Add(-4*time.Minute).Unix())), "invalid_grant", "expired authorization code"},
		{"no exp", sign(t, key, rs256, claims("exp", nil)), "invalid_grant", "expired authorization code"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, m := ask(t, o, "acme.my.salesforce.com", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {tt.assertion}}, nil)
			if m["error"] != tt.error || m["error_description"] != tt.text || (code == 200) != (tt.error == "") {
				t.Fatalf("got %d %v", code, m)
			}
			if code == 200 && (m["access_token"] == "" || m["refresh_token"] != "" || m["instance_url"] != "https://acme.my.salesforce.com") {
				t.Errorf("got %v", m)
			}
		})
	}
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	const expired = `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`
	for name, end := range map[string]func(*desk){
		"by itself":    func(d *desk) { d.now = d.now.Add(time.Hour) },
		"by an admin":  func(d *desk) { d.org.ExpireSessions() },
		"by its user":  func(d *desk) { d.send("POST", "/services/oauth2/revoke", "token="+url.QueryEscape(d.token)) },
		"never begun":  func(d *desk) { d.token = "00D!nonsense" },
		"other scheme": func(d *desk) { d.token = "" },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, salesforcetest.Options{SessionLife: time.Hour})
			if w := d.send("GET", v+"/sobjects", ""); w.Code != 200 {
				t.Fatalf("before: %d %s", w.Code, w.Body)
			}
			end(d)
			w := d.send("GET", v+"/sobjects", "")
			want := expired
			if name == "other scheme" {
				want = `[{"message":"INVALID_HEADER_TYPE","errorCode":"INVALID_AUTH_HEADER"}]`
			}
			if w.Code != 401 || w.Body.String() != want {
				t.Errorf("after: %d %s", w.Code, w.Body)
			}
			d.signIn()
			if w := d.send("GET", v+"/sobjects", ""); w.Code != 200 {
				t.Errorf("signed in again: %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestIdentityAndIntrospection(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{Sandbox: true, Company: "Acme NZ", Currency: "AUD"})
	got := decode[map[string]any](t, d.send("GET", "/id/"+d.org.OrgID()+"/"+d.org.UserID(), ""))
	if got["organization_id"] != d.org.OrgID() || got["username"] != "integration@example.com" {
		t.Errorf("identity: %v", got)
	}
	id, secret, _ := d.org.Credentials()
	got = decode[map[string]any](t, d.send("POST", "/services/oauth2/introspect", url.Values{"token": {d.token}, "client_id": {id}, "client_secret": {secret}}.Encode()))
	if got["active"] != true || fmt.Sprint(got["exp"]) != fmt.Sprint(firstDay.Add(2*time.Hour).Unix()) {
		t.Errorf("introspection: %v", got)
	}
	r := d.query("SELECT Name, IsSandbox, DefaultCurrencyIsoCode FROM Organization")
	if r.column("Name")+r.column("IsSandbox")+r.column("DefaultCurrencyIsoCode") != "Acme NZtrueAUD" {
		t.Errorf("organization: %v", r)
	}
	if w := d.send("GET", "/id/x/y", "", "Authorization", "Bearer x"); w.Code != 403 || w.Body.String() != "Bad_OAuth_Token" {
		t.Errorf("a stranger's identity: %d %s", w.Code, w.Body)
	}
}

func TestATokenRequestMayBeChunked(t *testing.T) {
	t.Parallel()
	o := salesforcetest.New(salesforcetest.Options{})
	srv := httptest.NewServer(o)
	defer srv.Close()
	id, secret, _ := o.Credentials()
	body := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}.Encode()
	req, err := http.NewRequest("POST", srv.URL+"/services/oauth2/token/", io.MultiReader(strings.NewReader(body[:10]), strings.NewReader(body[10:])))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var m map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&m); err != nil || resp.StatusCode != 200 || m["instance_url"] != srv.URL {
		t.Errorf("%d %v %v", resp.StatusCode, m, err)
	}
	if req.ContentLength > 0 {
		t.Error("this request was meant to have no Content-Length")
	}
}
