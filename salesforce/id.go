package salesforce

import (
	"fmt"
	"strings"
)

// The suffix of an 18-character id is three of these, each telling which of five characters are capitals.
const idSuffixes = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// ID18 gives the 18-character form of a Salesforce id. People paste the 15-character form from address bars and reports;
// it differs from others only by the case of its letters, so it is converted before anything is compared or stored.
func ID18(id string) (string, error) {
	if len(id) != 15 && len(id) != 18 {
		return "", fmt.Errorf("%q is not a Salesforce id: it has %d characters, not 15 or 18", id, len(id))
	}
	var suffix [3]byte
	for i := range suffix {
		capitals := 0
		for bit, c := range []byte(id[i*5 : i*5+5]) {
			switch {
			case 'A' <= c && c <= 'Z':
				capitals |= 1 << bit
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			default:
				return "", fmt.Errorf("%q is not a Salesforce id: it may hold only letters and digits", id)
			}
		}
		suffix[i] = idSuffixes[capitals]
	}
	if len(id) == 18 && !strings.EqualFold(id[15:], string(suffix[:])) {
		return "", fmt.Errorf("%q is not a Salesforce id: its last three characters do not fit the rest, so it was mistyped or its capitals were lost", id)
	}
	return id[:15] + string(suffix[:]), nil
}
