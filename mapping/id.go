package mapping

import "strings"

// id18 gives the 18-character form of a Salesforce id: the 15 characters that
// users paste, and for each five of them one that says which are capitals.
func id18(id string) (string, bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	for _, r := range id {
		if !isDigit(r) && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return "", false
		}
	}
	if len(id) == 18 {
		return id, true
	}
	var b strings.Builder
	b.WriteString(id)
	for part := range 3 {
		bits := 0
		for i := range 5 {
			if c := id[part*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		b.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits])
	}
	return b.String(), true
}
