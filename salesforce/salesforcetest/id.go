package salesforcetest

import (
	"crypto/sha256"
	"fmt"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// id18 turns a 15-character id into its case-safe form: each of the last three characters tells which of five are capitals.
func id18(id string) (string, bool) {
	if len(id) != 15 && len(id) != 18 {
		return id, false
	}
	for i := 0; i < len(id); i++ {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return id, false
		}
	}
	if len(id) == 18 {
		return id, true
	}
	sum := make([]byte, 0, 18)
	sum = append(sum, id...)
	for chunk := 0; chunk < 3; chunk++ {
		bits := 0
		for i := 0; i < 5; i++ {
			if c := id[chunk*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		sum = append(sum, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits])
	}
	return string(sum), true
}

// podOf is the two characters that stand for the instance in an id.
func podOf(seed string) string {
	if seed == "" {
		return "Dn"
	}
	h := sha256.Sum256([]byte(seed))
	return string([]byte{base62[10+h[0]%52], base62[10+h[1]%52]})
}

// newID counts up per object, so that the same story always makes the same ids.
func (o *Org) newID(obj *object) string {
	for {
		obj.counter++
		n, digits := obj.counter, [10]byte{}
		for i := 9; i >= 0; i-- {
			digits[i] = base62[n%62]
			n /= 62
		}
		id, _ := id18(obj.prefix + podOf(o.opt.Seed) + string(digits[:]))
		if _, taken := o.rows[id]; !taken {
			return id
		}
	}
}

// contentID makes an id from what it stands for: cursors must not depend on the order in which requests arrive.
func contentID(prefix string, parts ...any) string {
	h := sha256.Sum256(fmt.Append(nil, parts...))
	b := []byte(prefix)
	for i := len(b); i < 15; i++ {
		b = append(b, base62[h[i]%62])
	}
	id, _ := id18(string(b))
	return id
}
