package salesforcetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strings"
)

// An errand is what a person does in the org, as it is asked for over HTTP: Salesforce's own API has no way to do it, or none that is not SOAP.
type errand struct {
	Do          string         `json:"do"`
	Object      string         `json:"object"`
	ID          string         `json:"id"`
	Fields      map[string]any `json:"fields"`
	Field       string         `json:"field"`
	Master      string         `json:"master"`
	Losers      []string       `json:"losers"`
	Name        string         `json:"name"`
	Label       string         `json:"label"`
	From        string         `json:"from"`
	To          string         `json:"to"`
	Closed      bool           `json:"closed"`
	Won         bool           `json:"won"`
	Probability int            `json:"probability"`
	Currencies  []string       `json:"currencies"`
	Rows        int            `json:"rows"`
	Values      []string       `json:"values"`
	Error       string         `json:"error"`
	Description string         `json:"description"`
}

// done is what an errand gives: the id of what was made, or how many records it changed.
type done struct {
	ID    string `json:"id,omitempty"`
	Count *int   `json:"count,omitempty"`
}

func (o *Org) errands() map[string]func(errand) (done, error) {
	plain := func(do func(errand) error) func(errand) (done, error) {
		return func(a errand) (done, error) { return done{}, do(a) }
	}
	made := func(id string, err error) (done, error) { return done{ID: id}, err }
	counted := func(n int, err error) (done, error) { return done{Count: &n}, err }
	return map[string]func(errand) (done, error){
		"insert":            func(a errand) (done, error) { return made(o.Insert(a.Object, a.Fields)) },
		"update":            plain(func(a errand) error { return o.Update(a.Object, a.ID, a.Fields) }),
		"delete":            plain(func(a errand) error { return o.Delete(a.Object, a.ID) }),
		"undelete":          plain(func(a errand) error { return o.Undelete(a.Object, a.ID) }),
		"purge":             plain(func(a errand) error { return o.Purge(a.Object, a.ID) }),
		"merge_accounts":    plain(func(a errand) error { return o.MergeAccounts(a.Master, a.Losers...) }),
		"add_stage":         plain(func(a errand) error { return o.AddStage(a.Name, a.Closed, a.Won, a.Probability) }),
		"replace_stage":     func(a errand) (done, error) { return counted(o.ReplaceStage(a.From, a.To)) },
		"rename_stage":      func(a errand) (done, error) { return counted(o.RenameStage(a.From, a.To)) },
		"add_record_type":   func(a errand) (done, error) { return made(o.AddRecordType(a.Object, a.Name, a.Label)) },
		"limit_picklist":    plain(func(a errand) error { return o.LimitPicklist(a.Object, a.Name, a.Field, a.Values...) }),
		"label_value":       plain(func(a errand) error { return o.LabelValue(a.Object, a.Field, a.Name, a.Label) }),
		"enable_currencies": plain(func(a errand) error { return o.EnableCurrencies(a.Currencies...) }),
		"hide_field":        plain(func(a errand) error { return o.HideField(a.Object, a.Field) }),
		"freeze_field":      plain(func(a errand) error { return o.FreezeField(a.Object, a.Field) }),
		"grant_field":       plain(func(a errand) error { return o.GrantField(a.Object, a.Field) }),
		"hide_record":       plain(func(a errand) error { return o.HideRecord(a.ID) }),
		"show_record":       plain(func(a errand) error { return o.ShowRecord(a.ID) }),
		"lock_record":       plain(func(a errand) error { return o.LockRecord(a.ID) }),
		"unlock_record":     plain(func(a errand) error { return o.UnlockRecord(a.ID) }),
		"slow_queries":      plain(func(a errand) error { return o.SlowQueries(a.Object, a.Rows) }),
		"refuse_sign_ins":   plain(func(a errand) error { o.RefuseSignIns(a.Error, a.Description); return nil }),
		"end_sessions":      plain(func(errand) error { o.ExpireSessions(); return nil }),
	}
}

// Hand answers POST {"do": "merge_accounts", "master": "001…", "losers": ["001…"]} and its like: for whoever runs the org as a program
// of its own and cannot call its methods.
func (o *Org) Hand(w http.ResponseWriter, r *http.Request) {
	errands := o.errands()
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v) // the client may be gone; nobody is left to tell
	}
	wrong := func(format string, args ...any) {
		answer(http.StatusBadRequest, map[string]string{"error": fmt.Sprintf(format, args...)})
	}
	if r.Method != http.MethodPost {
		answer(http.StatusMethodNotAllowed, map[string]string{"error": "POST what is to be done"})
		return
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, 1<<20)); err != nil {
		wrong("the request cannot be read: %v", err)
		return
	}
	var a errand
	dec := json.NewDecoder(&body)
	dec.UseNumber()
	dec.DisallowUnknownFields() // a misspelt name would do something else
	if err := dec.Decode(&a); err != nil {
		wrong("the request cannot be read: %v", err)
		return
	}
	do := errands[a.Do]
	if do == nil {
		var names []string
		for name := range errands {
			names = append(names, name)
		}
		sort.Strings(names)
		wrong("there is no %q here; there are %s", a.Do, strings.Join(names, ", "))
		return
	}
	result, err := do(a)
	if err != nil {
		wrong("%s", strings.TrimPrefix(err.Error(), "salesforcetest: "))
		return
	}
	answer(http.StatusOK, result)
}
