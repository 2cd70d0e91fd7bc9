package salesforcetest

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
)

// What people and other programs do in the org. A hand is not held to the API's permissions: it may set read-only fields,
// edit locked records, and see everything at once, whatever Options.Visible delays for readers of the API.

func (r *refusal) asError() error {
	if r == nil {
		return nil
	}
	return errors.New("salesforcetest: " + r.code + ": " + strings.TrimSpace(r.message))
}

func (o *Org) objectNamed(name string) (*object, error) {
	if obj := o.objects[strings.ToLower(name)]; obj != nil {
		return obj, nil
	}
	return nil, fmt.Errorf("salesforcetest: the org has no object %s", name)
}

func (o *Org) rowNamed(object, id string) (*row, error) {
	obj, err := o.objectNamed(object)
	if err != nil {
		return nil, err
	}
	full, _ := id18(id)
	if r := o.rows[full]; r != nil && r.obj == obj {
		return r, nil
	}
	return nil, fmt.Errorf("salesforcetest: there is no %s %s", obj.name, id)
}

// Insert makes a record and returns its id. Values are string, bool, int, json.Number, decimal.Decimal, time.Time or nil.
func (o *Org) Insert(object string, fields map[string]any) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(object)
	if err != nil {
		return "", err
	}
	r, refused := o.insert(obj, fields, origin{hand: true})
	if refused != nil {
		return "", refused.asError()
	}
	return r.id, nil
}

// Update changes fields of a record; nil clears one.
func (o *Org) Update(object, id string, fields map[string]any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, err := o.rowNamed(object, id)
	if err != nil {
		return err
	}
	return o.change(r, fields, origin{hand: true}).asError()
}

// Delete moves a record, and what hangs on it, into the recycle bin.
func (o *Org) Delete(object, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, err := o.rowNamed(object, id)
	if err != nil {
		return err
	}
	return o.remove(r, origin{hand: true}, "").asError()
}

// Undelete takes a record, and what went with it, back out of the recycle bin.
func (o *Org) Undelete(object, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, err := o.rowNamed(object, id)
	if err != nil {
		return err
	}
	if !r.deleted() || r.purged {
		return fmt.Errorf("salesforcetest: %s %s is not in the recycle bin", object, id)
	}
	if up := o.deletedMaster(r); up != nil {
		return fmt.Errorf("salesforcetest: %s %s cannot come back before %s %s, which it is a detail of", object, id, up.obj.name, up.id)
	}
	if err := o.checkUnique(r.obj, r, r.vals); err != nil {
		return err.asError()
	}
	o.restore(r)
	return nil
}

// Purge takes a record out of the recycle bin for good: queryAll shows it no more, and nothing tells it from one that is hidden.
func (o *Org) Purge(object, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, err := o.rowNamed(object, id)
	if err != nil {
		return err
	}
	if !r.deleted() {
		return fmt.Errorf("salesforcetest: %s %s is not in the recycle bin", object, id)
	}
	r.purged = true
	return nil
}

// Get returns a record as it stands, deleted or not: dates as YYYY-MM-DD, datetimes as time.Time, numbers as decimal.Decimal.
func (o *Org) Get(object, id string) (map[string]any, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, err := o.rowNamed(object, id)
	if err != nil {
		return nil, false
	}
	return r.fields(), true
}

// Rows returns all records of an object in the order of their making, deleted ones too.
func (o *Org) Rows(object string) []map[string]any {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(object)
	if err != nil {
		return nil
	}
	all := make([]map[string]any, 0, len(obj.rows))
	for _, r := range obj.rows {
		all = append(all, r.fields())
	}
	return all
}

func (r *row) fields() map[string]any {
	m := make(map[string]any, len(r.obj.fields))
	for _, f := range r.obj.fields {
		if f.kind == kindAddress {
			continue
		}
		v := f.in(r.vals)
		if d, ok := v.(date); ok {
			v = string(d)
		}
		m[f.name] = v
	}
	return m
}

// Objects returns the names of the org's objects, sorted.
func (o *Org) Objects() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var names []string
	for _, obj := range o.ordered {
		names = append(names, obj.name)
	}
	sort.Strings(names)
	return names
}

// Touch moves a record's SystemModstamp without changing anything else, as an automated process may.
func (o *Org) Touch(object, id string) error { return o.Update(object, id, nil) }

// Credentials returns what a client needs to sign in by client credentials or, with JWTKey, by JWT.
func (o *Org) Credentials() (clientID, clientSecret, username string) {
	return o.opt.ClientID, o.opt.ClientSecret, o.opt.Username
}

// OrgID returns the organisation's id in 18 characters.
func (o *Org) OrgID() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.orgID
}

// UserID returns the id of the integration user.
func (o *Org) UserID() string { return o.user }

// ExpireSessions ends every session now: the next call of each answers 401 INVALID_SESSION_ID.
func (o *Org) ExpireSessions() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for t, s := range o.sessions {
		s.ended = true
		o.sessions[t] = s
	}
}

// SlowQueries makes queries of an object that find more than so many rows end with QUERY_TIMEOUT, as in an org that is too large for
// them: a narrower one passes. Fewer than none takes it back.
func (o *Org) SlowQueries(object string, rows int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(object)
	if err != nil {
		return err
	}
	if o.slow[obj] = rows; rows < 0 {
		delete(o.slow, obj)
	}
	return nil
}

// RefuseSignIns answers every sign-in with an error, such as invalid_grant and "user is inactive", until it is called with none.
// Sessions that are open stay open.
func (o *Org) RefuseSignIns(code, description string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.noEntry = nil; code != "" {
		a := tokenError(code, description)
		o.noEntry = &a
	}
}

// Calls returns how many API calls the org has counted in the last 24 hours.
func (o *Org) Calls() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.used()
}

// Now returns the org's clock as records carry it.
func (o *Org) Now() time.Time { return o.now() }
