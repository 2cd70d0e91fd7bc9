package salesforcetest

import (
	"strconv"
	"strings"
	"time"
)

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

func isRelative(word string) bool {
	_, ok := relative(word, "1")
	if !ok {
		_, ok = relative(word, "")
	}
	return ok
}

// relative reads a date literal such as TODAY or LAST_N_DAYS:30; days begin at midnight UTC.
func relative(word, arg string) (func(time.Time) (time.Time, time.Time), bool) {
	word = strings.ToUpper(word)
	day := func(t time.Time, n int) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day()+n, 0, 0, 0, 0, time.UTC)
	}
	month := func(t time.Time, n int) time.Time {
		return time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	}
	year := func(t time.Time, n int) time.Time { return time.Date(t.Year()+n, 1, 1, 0, 0, 0, 0, time.UTC) }
	between := func(unit func(time.Time, int) time.Time, from, to int) (func(time.Time) (time.Time, time.Time), bool) {
		return func(now time.Time) (time.Time, time.Time) { return unit(now, from), unit(now, to) }, true
	}
	if base, ok := strings.CutSuffix(word, "_N_DAYS"); ok {
		n, err := strconv.Atoi(arg)
		if err != nil {
			return nil, false
		}
		switch base {
		case "LAST":
			return between(day, -n, 1)
		case "NEXT":
			return between(day, 1, n+1)
		}
		return nil, false
	}
	if arg != "" {
		return nil, false
	}
	switch word {
	case "YESTERDAY":
		return between(day, -1, 0)
	case "TODAY":
		return between(day, 0, 1)
	case "TOMORROW":
		return between(day, 1, 2)
	case "LAST_90_DAYS":
		return between(day, -90, 1)
	case "NEXT_90_DAYS":
		return between(day, 1, 91)
	case "LAST_MONTH":
		return between(month, -1, 0)
	case "THIS_MONTH":
		return between(month, 0, 1)
	case "NEXT_MONTH":
		return between(month, 1, 2)
	case "LAST_YEAR":
		return between(year, -1, 0)
	case "THIS_YEAR":
		return between(year, 0, 1)
	case "NEXT_YEAR":
		return between(year, 1, 2)
	}
	return nil, false
}
