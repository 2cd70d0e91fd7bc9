package xerotest

import (
	"strings"
	"unicode/utf8"
)

// fold makes two texts equal that Xero's database takes for equal: case and the accents of Latin letters do not count.
func fold(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.Map(plain, strings.ToLower(s))
		}
	}
	return strings.ToLower(s)
}

// plain takes the accent off a lower-case Latin letter.
func plain(r rune) rune {
	if r < utf8.RuneSelf {
		return r
	}
	for _, group := range [...]string{"aàáâãäåāăą", "cçćĉċč", "dďđ", "eèéêëēĕėęě", "gĝğġģ", "hĥħ", "iìíîïĩīĭįı", "jĵ", "kķ", "lĺļľŀł",
		"nñńņňŉ", "oòóôõöøōŏő", "rŕŗř", "sśŝşšș", "tţťŧț", "uùúûüũūŭůűų", "wŵ", "yýÿŷ", "zźżž"} {
		if strings.ContainsRune(group, r) {
			return rune(group[0])
		}
	}
	return r
}
