package salesforcetest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"time"
)

// JWTKey returns the PEM of a private key whose signatures the org accepts, as if its certificate had been uploaded to the app.
func (o *Org) JWTKey() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(o.signingKey())
	if err != nil {
		panic("salesforcetest: encode the JWT key: " + err.Error())
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// signingKey is made when it is first asked for: most tests sign in without it and need not wait.
func (o *Org) signingKey() *rsa.PrivateKey {
	o.keyOnce.Do(func() {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic("salesforcetest: make the JWT key: " + err.Error())
		}
		o.key = key
	})
	return o.key
}

func publicKeyFromPEM(text []byte) *rsa.PublicKey {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil
	}
	if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
		key, _ := cert.PublicKey.(*rsa.PublicKey)
		return key
	}
	if any, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
		key, _ := any.(*rsa.PublicKey)
		return key
	}
	if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
		return key
	}
	return nil
}

// A client's clock may be this far ahead.
const clockSkew = 3 * time.Minute

// checkAssertion verifies a JWT bearer assertion: form, signature, iss, sub, aud, exp, jti, in that order.
func (o *Org) checkAssertion(r *http.Request, assertion string) (answer, bool) {
	no := func(code, text string) (answer, bool) { return tokenError(code, text), false }
	if assertion == "" {
		return no("invalid_request", "missing required parameter: assertion")
	}
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return no("invalid_grant", "invalid assertion")
	}
	var head struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Iss string          `json:"iss"`
		Sub string          `json:"sub"`
		Prn string          `json:"prn"`
		Aud json.RawMessage `json:"aud"`
		Exp json.Number     `json:"exp"`
		Jti string          `json:"jti"`
	}
	sig, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[2], "="))
	if err != nil || !decodeSegment(parts[0], &head) || !decodeSegment(parts[1], &claims) {
		return no("invalid_grant", "invalid assertion")
	}
	if claims.Iss != o.opt.ClientID {
		return no("invalid_client_id", "client identifier invalid")
	}
	if head.Alg != "RS256" {
		return no("invalid_grant", "algorithm not supported: only RS256 is")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !o.signedBy(sum[:], sig) {
		return no("invalid_grant", "invalid assertion")
	}
	if claims.Sub == "" {
		claims.Sub = claims.Prn
	}
	if !strings.EqualFold(claims.Sub, o.opt.Username) {
		return no("invalid_grant", "user hasn't approved this consumer")
	}
	if !o.audience(r, claims.Aud) {
		return no("invalid_grant", "audience is invalid")
	}
	exp, err := claims.Exp.Float64()
	now := o.opt.Now()
	if err != nil || !time.Unix(int64(exp), 0).After(now.Add(-clockSkew)) {
		return no("invalid_grant", "expired authorization code")
	}
	if claims.Jti != "" {
		if o.jtis[claims.Jti] {
			return no("invalid_grant", "the jti of this assertion was used before")
		}
		o.jtis[claims.Jti] = true
	}
	return answer{}, true
}

func decodeSegment(s string, into any) bool {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	return err == nil && json.Unmarshal(b, into) == nil
}

func (o *Org) signedBy(sum, sig []byte) bool {
	if o.extra != nil && rsa.VerifyPKCS1v15(o.extra, crypto.SHA256, sum, sig) == nil {
		return true
	}
	return rsa.VerifyPKCS1v15(&o.signingKey().PublicKey, crypto.SHA256, sum, sig) == nil
}

// audience: the login host of the kind of org, or the org's own domain.
func (o *Org) audience(r *http.Request, raw json.RawMessage) bool {
	var many []string
	var one string
	if json.Unmarshal(raw, &one) == nil {
		many = []string{one}
	} else if json.Unmarshal(raw, &many) != nil {
		return false
	}
	login := "https://login.salesforce.com"
	if o.opt.Sandbox {
		login = "https://test.salesforce.com"
	}
	for _, aud := range many {
		aud = strings.TrimSuffix(strings.TrimSuffix(aud, "/"), "/services/oauth2/token")
		if strings.EqualFold(aud, login) || strings.EqualFold(aud, instanceOf(r)) || strings.EqualFold(aud, "https://"+r.Host) {
			return true
		}
	}
	return false
}
