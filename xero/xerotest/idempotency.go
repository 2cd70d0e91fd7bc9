package xerotest

import (
	"crypto/sha256"
	"net/http"
	"time"
)

const (
	keyLife   = 6 * time.Minute // from the first call
	keyLength = 128
)

// keyStore remembers the answers to calls with an Idempotency-Key, refusals and server errors included.
type keyStore struct {
	calls map[string]*keyedCall
	order []*keyedCall // by age, for forgetting
}

type keyedCall struct {
	key         string
	fingerprint [32]byte
	first       time.Time
	answer      *answer // nil while the first call is in flight
}

func newKeyStore() keyStore { return keyStore{calls: make(map[string]*keyedCall)} }

func fingerprint(method, url, tenant string, body []byte) [32]byte {
	h := sha256.New()
	for _, part := range []string{method, url, tenant} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(body)
	return [32]byte(h.Sum(nil))
}

// begin returns what to answer without doing the work, or the call whose answer is to be kept.
func (s *keyStore) begin(key string, print [32]byte, now time.Time) (*answer, *keyedCall) {
	for len(s.order) > 0 && now.Sub(s.order[0].first) >= keyLife {
		delete(s.calls, s.order[0].key)
		s.order = s.order[1:]
	}
	if len(key) > keyLength {
		return validationText("Idempotency Key: maximum length is 128 characters."), nil
	}
	c := s.calls[key]
	switch {
	case c == nil:
		c = &keyedCall{key: key, fingerprint: print, first: now}
		s.calls[key] = c
		s.order = append(s.order, c)
		return nil, c
	case c.fingerprint != print:
		return validationText("Idempotency Key: " + key + " is used with a different request."), nil
	case c.answer == nil:
		return serverError(), nil // undocumented; an answer that proves nothing is the reading that hurts most
	}
	return c.answer.copy(), nil
}

// keyed tells whether a method heeds the Idempotency-Key; Xero ignores it on GET and DELETE.
func keyed(method string) bool {
	return method == http.MethodPut || method == http.MethodPost || method == http.MethodPatch
}
