package xerotest

import (
	"net/http"
	"strings"
)

// Disconnect removes the custom connection, as a person does under Connected apps.
func (o *Organisation) Disconnect() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.disconnect(o.apps[customConnection])
}

// Reconnect brings the custom connection back.
func (o *Organisation) Reconnect() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.connect(o.apps[customConnection], o.named("event", "custom connection"))
}

// serveConnections answers /connections: which organisations a token reaches.
func (o *Organisation) serveConnections(w http.ResponseWriter, r *http.Request) {
	var a *answer
	o.alone(func() { a = o.connections(r) })
	o.write(w, a)
}

func (o *Organisation) connections(r *http.Request) *answer {
	token, refused := o.bearer(r)
	if refused != nil {
		return refused
	}
	id := strings.Trim(r.URL.Path[len("/connections"):], "/")
	c := token.app.connection
	switch {
	case r.Method == http.MethodGet && id == "":
		list := []map[string]any{}
		event := r.URL.Query().Get("authEventId")
		if c != nil && (event == "" || strings.EqualFold(event, c.event)) {
			stamp := c.created.Format("2006-01-02T15:04:05.0000000")
			list = append(list, map[string]any{"id": c.id, "authEventId": c.event, "tenantId": o.tenantID, "tenantType": "ORGANISATION",
				"tenantName": o.opt.Name, "createdDateUtc": stamp, "updatedDateUtc": stamp})
		}
		return jsonAnswer(http.StatusOK, list)
	case r.Method == http.MethodDelete && id != "":
		if strings.EqualFold(id, o.tenantID) { // a common mistake: the tenant's id is not the connection's
			return o.problem(http.StatusForbidden, "Forbidden", "AuthenticationUnsuccessful")
		}
		if c == nil || !strings.EqualFold(id, c.id) {
			return notFound()
		}
		o.disconnect(token.app)
		return &answer{status: http.StatusNoContent}
	}
	return notFound()
}
