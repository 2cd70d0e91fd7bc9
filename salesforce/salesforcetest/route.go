package salesforcetest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

var versionSegment = regexp.MustCompile(`^v(\d{2,3})\.0$`)

// Versions below 31.0 were retired in 2025 and answer 410; 68.0 is the newest.
const (
	oldestVersion = 31
	newestVersion = 68
)

// serve answers one HTTP request; the org is locked.
func (o *Org) serve(r *http.Request, body []byte) answer {
	if headSize(r) > maxHead {
		return answer{status: http.StatusRequestURITooLong, header: http.Header{"Content-Type": {"text/html"}}, body: []byte("<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>")}
	}
	path := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	for i, s := range path { // an external id may hold an encoded slash
		u, err := url.PathUnescape(s)
		if err != nil {
			return notFound().answer()
		}
		path[i] = u
	}
	switch {
	case len(path) == 3 && path[0] == "services" && path[1] == "oauth2":
		switch path[2] {
		case "token":
			return o.token(r, body)
		case "revoke":
			return o.revoke(formOf(r, body))
		case "introspect":
			return o.introspect(formOf(r, body))
		case "userinfo":
			return o.identity(r)
		}
	case len(path) == 3 && path[0] == "id":
		return o.identity(r)
	case len(path) >= 2 && path[0] == "services" && path[1] == "data":
		return o.data(r, path[2:], body)
	}
	return notFound().answer()
}

func (o *Org) data(r *http.Request, path []string, body []byte) answer {
	if len(path) == 0 {
		return versions() // needs no sign-in and does not count
	}
	m := versionSegment.FindStringSubmatch(path[0])
	if m == nil {
		return notFound().answer()
	}
	var n int
	fmt.Sscan(m[1], &n)
	if err := o.authorised(r); err != nil {
		return err.answer()
	}
	used, ok := o.countCall()
	limit := http.Header{"Sforce-Limit-Info": {fmt.Sprintf("api-usage=%d/%d", used, o.opt.DailyLimit)}}
	var a answer
	switch {
	case n < oldestVersion:
		a = refuse(http.StatusGone, "UNSUPPORTED_API_VERSION", "The requested API version is no longer supported").answer()
	case n > newestVersion:
		a = notFound().answer()
	case !ok:
		a = refuse(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").answer()
	default:
		c := &call{method: r.Method, version: m[1] + ".0", path: path[1:], query: r.URL.Query(), header: r.Header, body: body, host: instanceOf(r)}
		if c.method == http.MethodPost { // clients that cannot send PATCH say it here
			if v := c.param("_HttpMethod"); v != "" {
				c.method = strings.ToUpper(v)
			}
		}
		if c.method == http.MethodHead {
			c.method = http.MethodGet
		}
		a = o.route(c)
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	for k, v := range limit {
		a.header[k] = v
	}
	return a
}

// countCall adds one to the calls of the last 24 hours.
func (o *Org) countCall() (used int, ok bool) {
	hour := o.opt.Now().Unix() / 3600
	for h, n := range o.calls {
		if h <= hour-24 {
			delete(o.calls, h)
			continue
		}
		used += n
	}
	if used >= o.opt.DailyLimit {
		return used, false
	}
	o.calls[hour]++
	return used + 1, true
}

func (o *Org) used() int {
	n := 0
	for _, c := range o.calls {
		n += c
	}
	return n
}

// route answers one call below /services/data/vNN.0, on its own or inside a composite one.
func (o *Org) route(c *call) answer {
	if len(c.path) == 0 {
		return o.resources(c)
	}
	switch strings.ToLower(c.path[0]) {
	case "query":
		return o.query(c, false)
	case "queryall":
		return o.query(c, true)
	case "sobjects":
		return o.sobjects(c)
	case "composite":
		return o.compositeAt(c)
	case "limits":
		return o.limits(c)
	}
	return notFound().answer()
}

func versions() answer {
	type version struct {
		Label   string `json:"label"`
		URL     string `json:"url"`
		Version string `json:"version"`
	}
	seasons := []string{"Spring", "Summer", "Winter"}
	var all []version
	for n := oldestVersion; n <= newestVersion; n++ {
		year := 14 + (n-oldestVersion+1)/3 // 31.0 was Summer '14
		season := seasons[(n-oldestVersion+1)%3]
		if season == "Winter" {
			year++
		}
		v := fmt.Sprintf("%d.0", n)
		all = append(all, version{fmt.Sprintf("%s '%d", season, year), "/services/data/v" + v, v})
	}
	return jsonAnswer(http.StatusOK, all)
}

func (o *Org) resources(c *call) answer {
	b := c.base()
	return jsonAnswer(http.StatusOK, map[string]string{
		"composite": b + "/composite", "limits": b + "/limits", "query": b + "/query", "queryAll": b + "/queryAll", "sobjects": b + "/sobjects", "identity": c.host + "/id/" + o.orgID + "/" + o.user,
	})
}

func (o *Org) limits(c *call) answer {
	if c.method != http.MethodGet {
		return notAllowed(c.method, "HEAD,GET").answer()
	}
	type limit struct{ Max, Remaining int }
	return jsonAnswer(http.StatusOK, map[string]limit{
		"DailyApiRequests":         {o.opt.DailyLimit, o.opt.DailyLimit - o.used()},
		"DailyBulkV2QueryJobs":     {10000, 10000},
		"DataStorageMB":            {1024, 1024},
		"FileStorageMB":            {1024, 1024},
		"DailyAsyncApexExecutions": {250000, 250000},
	})
}

func parseMoment(s string) (time.Time, bool) {
	// A plus sign that was not encoded arrives as a space.
	return parseTime(strings.Replace(s, " ", "+", 1))
}
