package xerotest

import (
	"slices"
	"strings"
	"time"
)

// The apps that are registered for this organisation, by their kind.
const (
	customConnection = iota // client credentials, one organisation, connected from the start
	webApp                  // authorization code with a secret
	desktopApp              // authorization code with PKCE, no secret
)

// app is an API client as Xero counts it: limits, idempotency keys and "created by my app" are per app.
type app struct {
	kind       int
	id, secret string
	name       string
	scopes     []string
	connection *connection // nil until someone consented, and after it was removed
	limits     limits
	keys       keyStore
}

// connection links an app to the organisation.
type connection struct {
	id, event string
	created   time.Time
}

// defaultScopes are what a new app needs for contacts, invoices, payments and settings: granular ones only, since apps
// made after March 2026 get no others.
func defaultScopes() []string {
	return []string{"accounting.contacts", "accounting.contacts.read", "accounting.invoices", "accounting.invoices.read",
		"accounting.payments", "accounting.payments.read", "accounting.settings", "accounting.settings.read"}
}

// userScopes need no tick: they are about the user who signs in.
func userScopes() []string { return []string{"openid", "profile", "email", "offline_access"} }

func (o *Organisation) newApps() []*app {
	clientID, secret := o.opt.ClientID, o.opt.ClientSecret
	if clientID == "" {
		clientID = o.clientID("custom connection")
	}
	if secret == "" {
		secret = o.secret("custom connection")
	}
	apps := []*app{
		customConnection: {kind: customConnection, id: clientID, secret: secret, name: "Custom connection"},
		webApp:           {kind: webApp, id: o.clientID("web app"), secret: o.secret("web app"), name: "Web app"},
		desktopApp:       {kind: desktopApp, id: o.clientID("desktop app"), name: "Desktop app"},
	}
	for _, a := range apps {
		a.scopes = o.opt.Scopes
		a.limits = newLimits(o.opt)
		a.keys = newKeyStore()
	}
	o.connect(apps[customConnection], o.named("event", "custom connection"))
	return apps
}

func (o *Organisation) clientID(app string) string {
	return strings.ToUpper(strings.ReplaceAll(o.named("client", app), "-", ""))
}

func (o *Organisation) secret(app string) string {
	return strings.ReplaceAll(o.named("secret", app)+o.named("secret", app, "2"), "-", "")[:48]
}

// WebApp are the credentials of an app that uses the authorization code flow with its secret.
func (o *Organisation) WebApp() (clientID, clientSecret string) {
	return o.apps[webApp].id, o.apps[webApp].secret
}

// DesktopApp is the client id of an app that uses PKCE and has no secret.
func (o *Organisation) DesktopApp() (clientID string) { return o.apps[desktopApp].id }

// connect links an app to the organisation. An organisation that is already linked keeps its first event id, which is
// why a filter on authEventId can come back empty after a second consent.
func (o *Organisation) connect(a *app, event string) {
	if a.connection == nil {
		a.connection = &connection{id: o.named("connection", a.id, event), event: event, created: o.now()}
	}
}

func (o *Organisation) appByID(id string) *app {
	i := slices.IndexFunc(o.apps, func(a *app) bool { return a.id == id })
	if i < 0 {
		return nil
	}
	return o.apps[i]
}

// allows tells whether scopes permit a call. Reading is permitted by the .read twin too; the broad scopes of older
// apps open what the granular ones open.
func allows(scopes []string, need string, write bool) bool {
	has := func(s string) bool { return slices.Contains(scopes, s) }
	if has(need) || !write && has(need+".read") {
		return true
	}
	if need == "accounting.invoices" || need == "accounting.payments" {
		return has("accounting.transactions") || !write && has("accounting.transactions.read")
	}
	return false
}
