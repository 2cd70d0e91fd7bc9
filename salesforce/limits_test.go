package salesforce

import "testing"

func TestParseLimitInfo(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]Usage{
		"api-usage=10018/100000":                                       {10018, 100000},
		"api-usage=25/5000; api-bursts=1/750":                          {25, 5000},
		"per-app-api-usage=17/250(appName=sample), api-usage=14/15000": {14, 15000},
		"":                     {},
		"api-usage=":           {},
		"api-usage=1":          {},
		"api-usage=x/5":        {},
		"api-usage=-1/5":       {},
		"api-usage=1/0":        {},
		"something=else":       {},
		"api-bursts=1/750;;; ": {},
	} {
		got, ok := parseLimitInfo(header)
		if got != want || ok != (want != Usage{}) {
			t.Errorf("parseLimitInfo(%q) = %v, %v; want %v", header, got, ok, want)
		}
	}
}
