package store

import (
	"encoding/json"
	"time"
)

const (
	bucketCache  = "cache"
	bucketTokens = "tokens"
)

type cached struct {
	At   time.Time
	JSON json.RawMessage
}

// Cache returns reference data and when it was put.
func (tx *Tx) Cache(name string) (json.RawMessage, time.Time, bool) {
	c, ok := load[cached](tx, bucketCache, []byte(name))
	return c.JSON, c.At, ok
}

// PutCache keeps reference data under a name.
func (tx *Tx) PutCache(name string, v json.RawMessage) error {
	if err := checkParts("the cached "+name, name); err != nil {
		return err
	}
	return tx.save(bucketCache, []byte(name), cached{At: tx.Now.UTC(), JSON: v})
}

// Token returns a sign-in token. Tokens are in no backup.
func (tx *Tx) Token(name string) (json.RawMessage, bool) {
	return load[json.RawMessage](tx, bucketTokens, []byte(name))
}

// PutToken keeps a sign-in token; an empty one removes it.
func (tx *Tx) PutToken(name string, v json.RawMessage) error {
	if err := checkParts("the token "+name, name); err != nil {
		return err
	}
	if len(v) == 0 {
		return tx.remove(bucketTokens, []byte(name))
	}
	return tx.save(bucketTokens, []byte(name), v)
}
