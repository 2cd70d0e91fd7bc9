package salesforce

import (
	"strconv"
	"strings"
	"sync"
)

// Usage is how much of the organisation's calls of the last 24 hours is gone, counting every integration it has.
type Usage struct {
	Used, Max int // Max 0: Salesforce has not said
}

type usage struct {
	mu   sync.Mutex
	last Usage
}

func (u *usage) get() Usage {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.last
}

func (u *usage) observe(header string) {
	seen, ok := parseLimitInfo(header)
	if !ok {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last = seen
}

// parseLimitInfo reads Sforce-Limit-Info, "api-usage=10018/100000" and perhaps more behind a semicolon or comma.
// Salesforce sends it on most answers, not on all.
func parseLimitInfo(header string) (Usage, bool) {
	for _, part := range strings.FieldsFunc(header, func(r rune) bool { return r == ';' || r == ',' }) {
		value, ok := strings.CutPrefix(strings.TrimSpace(part), "api-usage=")
		if !ok {
			continue
		}
		used, limit, _ := strings.Cut(value, "/")
		n, errUsed := strconv.Atoi(used)
		most, errMax := strconv.Atoi(limit)
		if errUsed == nil && errMax == nil && n >= 0 && most > 0 {
			return Usage{Used: n, Max: most}, true
		}
	}
	return Usage{}, false
}
