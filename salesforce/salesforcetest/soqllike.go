package salesforcetest

import "strings"

// likePattern is a LIKE text in lower case; \% and \_ in it are plain characters.
func likePattern(s string) []rune { return []rune(strings.ToLower(s)) }

// matchLike matches % and _ without backtracking over more than the last %.
func matchLike(pattern []rune, text string) bool {
	t := []rune(text)
	p, i, star, mark := 0, 0, -1, 0
	for i < len(t) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			star, mark = p, i
			p++
			continue
		case p < len(pattern) && pattern[p] == '\\' && p+1 < len(pattern) && pattern[p+1] == t[i]:
			p += 2
			i++
			continue
		case p < len(pattern) && pattern[p] != '\\' && (pattern[p] == '_' || pattern[p] == t[i]):
			p++
			i++
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, i = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}
