package main

import (
	"net/url"
	"strings"
)

// Salesforce shows one organisation at many addresses, and programs sign in at only one of them. People paste what stands
// in their browser: the Lightning page, the set-up, a Visualforce page, an Experience site.
var (
	browserEndings = []string{".lightning.force.com", ".my.salesforce-setup.com", ".my.site.com", ".my.salesforce-sites.com", ".my.salesforce.com"}
	packageEndings = []string{".vf.force.com", ".visualforce.com", ".file.force.com", ".documentforce.com", ".content.force.com"} // acme--c: a package's pages
)

// ownDomain is the address at which programs sign in to the organisation that a browser shows at host; "" if host tells
// nothing of it.
func ownDomain(host string) string {
	host = strings.ToLower(host)
	for _, ending := range browserEndings {
		if name, ok := strings.CutSuffix(host, ending); ok && name != "" {
			return "https://" + name + ".my.salesforce.com"
		}
	}
	for _, ending := range packageEndings {
		name, ok := strings.CutSuffix(host, ending)
		if !ok || name == "" {
			continue
		}
		first, rest, _ := strings.Cut(name, ".") // acme--uat--c.sandbox
		if i := strings.LastIndex(first, "--"); i > 0 {
			first = first[:i]
		}
		if rest != "" {
			first += "." + rest
		}
		return "https://" + first + ".my.salesforce.com"
	}
	return ""
}

// loginURL reads salesforce.login_url, whose mistakes have a remedy of their own.
func (r *configReader) loginURL(key string) string {
	value := r.text(key)
	address := value
	if value != "" && !strings.Contains(value, "://") {
		address = "https://" + value // as browsers show it
	}
	u, err := url.Parse(address)
	if err != nil {
		return r.origin(key)
	}
	own := ownDomain(u.Hostname())
	switch {
	case own == "" || address == value && strings.EqualFold(own, u.Scheme+"://"+u.Host):
		return r.origin(key)
	case strings.EqualFold(own, "https://"+u.Hostname()):
		r.problem("%s: write it with https:// and only the host: %s", r.place(key), own)
	default:
		r.problem("%s: %s is an address for people; programs sign in at your own domain, most likely %s (Setup, My Domain)", r.place(key), u.Hostname(), own)
	}
	return ""
}
