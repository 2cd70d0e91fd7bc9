package salesforce

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
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
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/sync/remote"
)

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func rsaKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestNewNamesTheKeyThatIsWrong(t *testing.T) {
	t.Parallel()
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	elliptic := pkcs8(t, curve)
	locked := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")})
	broken := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})
	jwt := func(o *Options) { o.Auth, o.Username = "jwt", "robot@example.com" }
	for words, change := range map[string]func(*Options){
		"salesforce.login_url: this is not a web address": func(o *Options) { o.LoginURL = "" },
		"not encrypted":                               func(o *Options) { o.LoginURL = "http://example.my.salesforce.com" },
		"login.salesforce.com, where":                 func(o *Options) { o.LoginURL = "https://login.salesforce.com" },
		"salesforce.client_id is empty":               func(o *Options) { o.ClientID = "" },
		"salesforce.client_secret is empty":           func(o *Options) { o.ClientSecret = "" },
		`salesforce.auth is "password"`:               func(o *Options) { o.Auth = "password" },
		`salesforce.api_version is "latest"`:          func(o *Options) { o.APIVersion = "latest" },
		"salesforce.username is empty":                func(o *Options) { o.Auth = "jwt" },
		"the private key is not a PEM file":           jwt,
		"the private key has a passphrase":            func(o *Options) { jwt(o); o.PrivateKey = locked },
		"the private key cannot be read":              func(o *Options) { jwt(o); o.PrivateKey = broken },
		"the private key is not an RSA key":           func(o *Options) { jwt(o); o.PrivateKey = elliptic },
		"Salesforce: salesforce.api_version is \"6\"": func(o *Options) { o.APIVersion = "6" },
	} {
		o := Options{LoginURL: "https://" + cannedHost, ClientID: "consumer-key", ClientSecret: "consumer-secret"}
		change(&o)
		_, err := New(o)
		if err == nil {
			t.Errorf("New accepted what should give %q", words)
			continue
		}
		want(t, err, remote.BadConfig, words)
	}
}

func TestNewAcceptsVersionsAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for give, path := range map[string]string{
		"": "/services/data/v66.0/x", "67.0": "/services/data/v67.0/x", "v67.0": "/services/data/v67.0/x",
	} {
		client := new(canned).client(t, func(o *Options) { o.APIVersion = give })
		if got := client.path("x"); got != path {
			t.Errorf("version %q: %s; want %s", give, got, path)
		}
	}
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	key := pkcs8(t, rsaKey(t))
	for name, c := range map[string]struct {
		status int
		body   string
		class  remote.Class
		words  string
	}{
		"wrong secret":         {400, `{"error":"invalid_client","error_description":"invalid client credentials"}`, remote.BadConfig, "Check salesforce.client_id and salesforce.client_secret"},
		"app not installed":    {400, `{"error":"invalid_client","error_description":"app must be installed into org"}`, remote.BadConfig, "Install the app"},
		"wrong key":            {400, `{"error":"invalid_client_id","error_description":"client identifier invalid"}`, remote.BadConfig, "consumer key"},
		"flow off":             {400, `{"error":"unsupported_grant_type","error_description":"grant type not supported"}`, remote.BadConfig, "Switch the flow"},
		"clock":                {400, `{"error":"invalid_grant","error_description":"expired authorization code"}`, remote.Auth, "clock"},
		"sandbox":              {400, `{"error":"invalid_grant","error_description":"audience is invalid"}`, remote.BadConfig, "sandbox"},
		"sandbox, other words": {400, `{"error":"invalid_grant","error_description":"Audience validation failed"}`, remote.BadConfig, "sandbox"},
		"not approved":         {400, `{"error":"invalid_grant","error_description":"user hasn't approved this consumer"}`, remote.BadConfig, "permission set"},
		"wrong domain":         {400, `{"error":"invalid_grant","error_description":"request not supported on this domain"}`, remote.BadConfig, "My Domain"},
		"nobody to run as":     {400, `{"error":"invalid_grant","error_description":"no client credentials user enabled"}`, remote.BadConfig, "run as"},
		"revoked":              {400, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`, remote.Auth, "revoked"},
		"user inactive":        {400, `{"error":"invalid_grant","error_description":"authentication failure"}`, remote.Auth, "integration user is active"},
		"organisation closed":  {400, `{"error":"inactive_org","error_description":"organization inactive"}`, remote.Auth, "closed"},
		"too many":             {400, `{"error":"LOGIN_RATE_EXCEEDED","error_description":"slow down"}`, remote.Throttled, "1h0m0s"},
		"not Salesforce":       {404, `<html>nothing here</html>`, remote.BadConfig, "salesforce.login_url"},
		"down":                 {503, `<html>down</html>`, remote.Retry, "503"},
		"something new":        {400, `{"error":"no_such_thing","error_description":"explained"}`, remote.Auth, "explained"},
		"an empty array":       {400, `[]`, remote.Auth, "gave no reason"},
		"no token":             {200, `{"instance_url":"https://x.example"}`, remote.Retry, "holds no token"},
		"not JSON":             {200, `<html>please sign in, token-1</html>`, remote.Retry, "did not answer as Salesforce does"},
		"no instance":          {200, `{"access_token":"token-1"}`, remote.Retry, "instance_url"},
		"an instance in clear": {200, `{"access_token":"token-1","instance_url":"http://x.example"}`, remote.Retry, "not encrypted"},
		"a redirect":           {302, ``, remote.BadConfig, "My Domain"},
	} {
		for _, auth := range []string{"client_credentials", "jwt"} {
			t.Run(name+", "+auth, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					org := &canned{token: func(w http.ResponseWriter, _ *http.Request, _ int) {
						w.Header().Set("Content-Type", "application/json")
						w.Header().Set("Location", "https://elsewhere.example/")
						w.WriteHeader(c.status)
						io.WriteString(w, c.body)
					}}
					client := org.client(t, func(o *Options) { o.Auth, o.Username, o.PrivateKey = auth, "robot@example.com", key })
					want(t, queryWon(client), c.class, "Salesforce: sign in: ", c.words)
					if client.Calls() != 0 {
						t.Errorf("%d calls without a session", client.Calls())
					}
					if c.class != remote.Retry && org.tokens != 1 {
						t.Errorf("asked %d times for a token that is refused for good", org.tokens)
					}
				})
			})
		}
	}
}

func TestClientCredentialsRequest(t *testing.T) {
	t.Parallel()
	var asked string
	org := &canned{token: func(w http.ResponseWriter, r *http.Request, _ int) {
		body, _ := io.ReadAll(r.Body)
		asked = r.Method + " " + r.URL.String() + " " + string(body)
		grant(w, "token-1", "https://"+cannedHost)
	}}
	client := org.client(t, func(o *Options) { o.LoginURL = "https://" + cannedHost + "/" })
	if _, err := client.tokens.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "POST https://example.my.salesforce.com/services/oauth2/token client_id=consumer-key&client_secret=consumer-secret&grant_type=client_credentials"; asked != want {
		t.Errorf("asked %s\nwant  %s", asked, want)
	}
}

func TestJWTAssertion(t *testing.T) {
	t.Parallel()
	key := rsaKey(t)
	pkcs1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	for login, c := range map[string]struct{ configured, audience string }{
		"https://login.salesforce.com":                    {"", "https://login.salesforce.com"},
		"https://test.salesforce.com":                     {"", "https://test.salesforce.com"},
		"https://example.my.salesforce.com":               {"", "https://login.salesforce.com"},
		"https://sandbox-makers.my.salesforce.com":        {"", "https://login.salesforce.com"},
		"https://example--uat.sandbox.my.salesforce.com/": {"", "https://test.salesforce.com"},
		"https://portal.example.com":                      {"https://example.my.site.com", "https://example.my.site.com"},
	} {
		var form string
		org := &canned{token: func(w http.ResponseWriter, r *http.Request, _ int) {
			form = r.PostFormValue("grant_type") + " " + r.PostFormValue("assertion")
			grant(w, "token-1", "https://"+cannedHost)
		}}
		client := org.client(t, func(o *Options) {
			o.LoginURL, o.Auth, o.Username, o.PrivateKey, o.Audience = login, "jwt", "robot@example.com", pkcs1, c.configured
		})
		before := time.Now()
		if _, err := client.tokens.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		assertion, ok := strings.CutPrefix(form, "urn:ietf:params:oauth:grant-type:jwt-bearer ")
		if !ok {
			t.Fatalf("asked with %s", form)
		}
		parts := strings.Split(assertion, ".")
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		signature, err := base64.RawURLEncoding.DecodeString(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature); err != nil {
			t.Errorf("the signature does not fit: %v", err)
		}
		var claims struct {
			Iss, Sub, Aud string
			Exp           int64
		}
		if err := json.Unmarshal(payload, &claims); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(claims.Iss, " ", claims.Sub, " ", claims.Aud); got != "consumer-key robot@example.com "+c.audience {
			t.Errorf("%s: claims %s; want the audience %s", login, got, c.audience)
		}
		if left := time.Unix(claims.Exp, 0).Sub(before.Truncate(time.Second)); left < 2*time.Minute || left > 5*time.Minute {
			t.Errorf("%s: the assertion lives %v; want about 3 minutes", login, left)
		}
	}
}
