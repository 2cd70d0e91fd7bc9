package document

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"sf2xero/store"
)

// Mark is what makes an invoice in Xero recognisable as ours without our store: which Salesforce org, record and mapping
// entry it stands for, and the how-manieth document of that record it is.
type Mark struct {
	Org, Record, Entry string
	Generation         int
}

// MarkOf reads the mark out of an invoice's Url. The host is ignored: an org that changes its domain keeps its marks.
func MarkOf(link string) (Mark, bool) {
	u, err := url.Parse(link)
	if err != nil {
		return Mark{}, false
	}
	parts := strings.Split(u.Query().Get("d"), ".")
	record := strings.TrimPrefix(u.Path, "/")
	if len(parts) != 3 || !isRecordID(record) || !isRecordID(parts[0]) || parts[1] == "" {
		return Mark{}, false
	}
	generation, err := strconv.Atoi(parts[2])
	if err != nil || generation < 1 || strings.ContainsFunc(parts[1], unicode.IsControl) {
		return Mark{}, false
	}
	return Mark{Org: parts[0], Record: record, Entry: parts[1], Generation: generation}, true
}

// isRecordID is true for 18 letters and digits. Anybody can type a link into an invoice: what becomes a key of the store
// must be no other text.
func isRecordID(s string) bool {
	return len(s) == 18 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// URL is the mark as a link that also opens the record in Salesforce. Xero refuses a Url that contains its own name, in
// the host or by chance in an id, so such a host is replaced by the login host and such an x is percent-encoded.
func (m Mark) URL(instance string, sandbox bool) string {
	host := "login.salesforce.com"
	if sandbox {
		host = "test.salesforce.com"
	}
	scheme := "https"
	if u, err := url.Parse(instance); err == nil && u.Host != "" && !strings.Contains(strings.ToLower(u.Host), "xero") {
		scheme, host = u.Scheme, u.Host
	}
	tail := "/" + m.Record + "?d=" + m.Org + "." + m.Entry + "." + strconv.Itoa(m.Generation)
	for {
		i := strings.Index(strings.ToLower(tail), "xero")
		if i < 0 {
			return scheme + "://" + host + tail
		}
		tail = tail[:i] + "%" + strconv.FormatInt(int64(tail[i]), 16) + tail[i+1:]
	}
}

// Key is the record and entry that the mark stands for, in the store's words.
func (m Mark) Key() store.Key {
	if m.Entry == defaultEntry {
		return store.Key{Entry: Invoices, ID: m.Record}
	}
	return store.Key{Entry: Invoices + "/" + m.Entry, ID: m.Record}
}

// MarkFor is the mark of a record's document.
func MarkFor(org string, key store.Key, generation int) Mark {
	_, name, named := strings.Cut(key.Entry, "/")
	if !named {
		name = defaultEntry
	}
	return Mark{Org: org, Record: key.ID, Entry: name, Generation: generation}
}

// The names of the mapping's entries in the store.
const (
	Contacts = "contacts"
	Invoices = "invoices"

	defaultEntry = "default" // the first, unnamed entry's name in a mark
)

// MarkWord is the word under which the mirror finds what bears a record's mark.
func MarkWord(key store.Key) string { return "mark:" + key.String() }

// IsShortAccountID is true for the 15 characters of an Account's id that people copy from the address bar, and that other
// programs use as a contact's number.
func IsShortAccountID(s string) bool {
	return len(s) == 15 && strings.HasPrefix(s, "001") && isRecordID(s+"AAA")
}

// IsAccountID is true for the 18-character id of a Salesforce Account, which is the mark of a contact.
func IsAccountID(s string) bool {
	if len(s) != 18 || !strings.HasPrefix(s, "001") {
		return false
	}
	for part := range 3 {
		bits := 0
		for i, r := range s[part*5 : part*5+5] {
			if r >= 'A' && r <= 'Z' {
				bits |= 1 << i
			}
		}
		if s[15+part] != "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits] {
			return false
		}
	}
	return true
}
