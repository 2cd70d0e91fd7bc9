package xerotest

import (
	"crypto/sha1"
	"encoding/hex"
	"strconv"
	"strings"
)

// Ids are name-based: the same seed and the same content give the same id, however calls interleave. An emulator that
// drew them from a counter or a random source would make a simulation differ from its own replay.

const zeroID = "00000000-0000-0000-0000-000000000000" // what Xero echoes as the id of a new element that failed

// named is the id that belongs to these words.
func (o *Organisation) named(words ...string) string {
	return guid(o.digest(words...))
}

// madeFrom is the id of a new object of this content; the n-th object of equal content gets an id of its own.
func (o *Organisation) madeFrom(kind string, content []byte) string {
	sum := o.digest(kind, string(content))
	n := o.made[sum]
	o.made[sum] = n + 1
	return o.named(kind, string(content), strconv.Itoa(n))
}

func (o *Organisation) digest(words ...string) (sum [20]byte) {
	h := sha1.New()
	h.Write([]byte(o.opt.Seed))
	for _, w := range words {
		h.Write([]byte{0})
		h.Write([]byte(w))
	}
	h.Sum(sum[:0])
	return sum
}

// guid writes a digest as a version 5 GUID, lower case as Xero does.
func guid(sum [20]byte) string {
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	var b [36]byte
	hex.Encode(b[0:8], sum[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], sum[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], sum[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], sum[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], sum[10:16])
	return string(b[:])
}

// parseGUID accepts what .NET's Guid accepts and clients send: with or without braces, any case.
func parseGUID(s string) (string, bool) {
	s = strings.ToLower(strings.Trim(strings.TrimSpace(s), "{}"))
	if len(s) != 36 {
		return "", false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return "", false
			}
		} else if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", false
		}
	}
	return s, true
}
