package sync

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
)

// actObject is the custom object that an admin makes so that several daemons know of each other. Its key is unique and
// minds case: of two that insert one row, one is refused.
const actObject = "Xero_Act__c"

const (
	leaseOpen     = "open"
	leaseReleased = "released"
)

// beginLease finds out whether the org has the object, and whose its newest row is. A hidden object looks like none.
func (c *Cycle) beginLease(ctx context.Context, who salesforce.Identity, tenant string) error {
	object, there := who.Objects[actObject]
	l := &c.lease
	if l.there = there && !c.session.preview; !l.there {
		return nil
	}
	if err := usable(object); err != nil {
		return err
	}
	l.turn = make(chan struct{}, 1)
	l.keys = strings.ToLower(tenant) + "/lease/"
	if err := c.Store.View(func(tx *store.Tx) error {
		l.closing = tx.Value(valueClosing)
		if c.safeguardsOff.LeaseToken {
			l.store = cut(tx.StoreID(), 36)
		}
		l.holder = strings.TrimPrefix(c.Settings.Holder+", store "+tx.StoreID(), ", ")
		return nil
	}); err != nil {
		return err
	}
	newest, err := c.newestRow(ctx)
	if err != nil {
		return err
	}
	switch {
	case newest == nil, !newest.Deleted && newest.Closing != "" && newest.Closing == l.closing:
	case c.safeguardsOff.LeaseToken && newest.Token == l.token():
		l.mine, l.row = plan.Lease{N: newest.N, Token: newest.Token}, newest.ID
	default:
		c.lease.noteOther(newest, false)
	}
	return nil
}

// usable refuses an object that was made by half: to go on without it, unprotected and without a word, is not what its
// admin wanted.
func usable(object salesforce.Object) error {
	var lacks []string
	fields := map[string]salesforce.Field{}
	for _, f := range object.Fields {
		fields[strings.ToLower(f.Name)] = f
	}
	for _, name := range []string{"Key__c", "Token__c", "Kind__c", "State__c", "Holder__c", "Beat__c"} {
		f, ok := fields[strings.ToLower(name)]
		switch {
		case !ok:
			lacks = append(lacks, "has no field "+name+" that the integration user may see")
		case !f.Createable || !f.Updateable:
			lacks = append(lacks, "has a field "+name+" that the integration user may not edit")
		case name == "Key__c" && (!f.Unique || !f.CaseSensitive || f.Length < 255):
			lacks = append(lacks, "has a field Key__c that is not Text(255), unique and case-sensitive")
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return &remote.Error{API: "Salesforce", Op: "describe " + actObject, Class: remote.BadConfig,
		Message: "the object " + actObject + " " + strings.Join(lacks, ", and "), Remedy: "Complete it as the README says, or delete it"}
}

func (l *lease) key(n int) string { return fmt.Sprintf("%s%08d", l.keys, n) }

// newestRow reads the row with the highest number; nil when there is none. One that somebody has deleted counts: the row
// below it says nothing of what its holder may still be sending.
func (c *Cycle) newestRow(ctx context.Context) (*plan.LeaseRow, error) {
	return c.readRow(ctx, salesforce.Select{Where: "Key__c LIKE '" + c.lease.keys + "%'", Order: "Key__c DESC", Limit: 3})
}

func (c *Cycle) rowNumber(ctx context.Context, n int) (*plan.LeaseRow, error) {
	return c.readRow(ctx, salesforce.Select{Where: "Key__c = '" + c.lease.key(n) + "'"})
}

func (c *Cycle) readRow(ctx context.Context, s salesforce.Select) (newest *plan.LeaseRow, err error) {
	s.From, s.Fields, s.Deleted = actObject, []string{"Key__c", "Token__c", "State__c", "Holder__c"}, true
	for r, err := range c.Salesforce.Query(ctx, s) {
		if err != nil {
			return nil, err
		}
		fields := document.Fields(r.JSON)
		text := func(name string) string { return document.Plain(document.Decode(fields[name])) }
		row := &plan.LeaseRow{ID: r.ID, Token: text("Token__c"), Holder: text("Holder__c"), Stamp: r.Modstamp, Deleted: r.Deleted}
		key := text("Key__c")
		if row.N, err = strconv.Atoi(strings.TrimPrefix(key, c.lease.keys)); err != nil {
			return nil, &remote.Error{API: "Salesforce", Op: "read " + actObject, Class: remote.BadConfig,
				Message: "a row of " + actObject + " has the key " + strconv.Quote(key), Remedy: "Delete that row"}
		}
		if text("State__c") == leaseReleased {
			row.Closing, row.Token = row.Token, ""
		}
		// A number can be there twice only when one of its rows was deleted.
		if newest == nil || row.N > newest.N || row.N == newest.N && newest.Deleted {
			newest = row
		}
	}
	return newest, nil
}

// insertRow makes a row, never by an upsert: that would take over another's.
func (c *Cycle) insertRow(ctx context.Context, l plan.Lease) error {
	fields, err := json.Marshal(map[string]string{
		"Key__c": c.lease.key(l.N), "Token__c": l.Token, "Kind__c": "lease", "State__c": leaseOpen, "Holder__c": cut(c.lease.holder, 255), "Beat__c": c.beatText(),
	})
	if err != nil {
		return err
	}
	results, err := c.Salesforce.Insert(ctx, []salesforce.NewRow{{Object: actObject, Fields: fields}})
	if err == nil && results[0].Err != nil {
		err = results[0].Err
	}
	return err
}

// beatRow is a sign of life: one field is written, and Salesforce stamps the row.
func (c *Cycle) beatRow(ctx context.Context, id string) error {
	return c.writeRow(ctx, id, map[string]string{"Beat__c": c.beatText()})
}

func (c *Cycle) closeRow(ctx context.Context, id, closing string) error {
	return c.writeRow(ctx, id, map[string]string{"State__c": leaseReleased, "Token__c": closing})
}

func (c *Cycle) writeRow(ctx context.Context, id string, values map[string]string) error {
	fields, err := json.Marshal(values)
	if err != nil {
		return err
	}
	results, err := c.Salesforce.Update(ctx, []salesforce.Update{{Object: actObject, ID: id, Fields: fields}})
	if err == nil && results[0].Err != nil {
		err = results[0].Err
	}
	return err
}

func (c *Cycle) beatText() string { return c.salesforceNow().Format(time.RFC3339) }

// token makes the word by which this process, and no copy of its store, knows its own row.
func (l *lease) token() string {
	if l.store != "" {
		return l.store
	}
	return l.random()
}

// random is a number that nobody can have by chance, or by a copy of the store.
func (l *lease) random() string {
	if l.newKey != nil {
		return l.newKey()
	}
	return hex.EncodeToString(randomBytes(16))
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}

// forPeopleOnly keeps of an insert's failure what no waiting mends; what became of the row itself is read.
func forPeopleOnly(err error) error {
	var e *remote.Error
	if errors.As(err, &e) && (e.Class == remote.BadConfig || e.Class == remote.BadRecord || e.Class == remote.Auth) {
		return err
	}
	return nil
}

// takeLease inserts the next row where nobody uses the newest any more, and finds out what became of that by reading:
// whatever the answer to an insert was, a row with our token is ours and any other is not.
func (c *Cycle) takeLease(ctx context.Context) (taken bool, err error) {
	l := &c.lease
	newest, err := c.newestRow(ctx)
	if err != nil {
		return false, err
	}
	if !l.isTried(newest) {
		step := c.decideLease(newest)
		c.lease.noteOther(newest, step.Do == plan.LeaseTake)
		if step.Do != plan.LeaseTake {
			c.waitForLease(step.Until)
			return false, nil
		}
		l.mu.Lock()
		if l.tried.N != step.N {
			l.tried = plan.Lease{N: step.N, Token: l.token()}
		}
		tried := l.tried
		l.mu.Unlock()
		inserted := c.insertRow(ctx, tried)
		if newest, err = c.newestRow(ctx); err != nil {
			return false, err
		}
		switch {
		case c.safeguardsOff.LeaseInsert && newest != nil && newest.N == tried.N:
			l.tried.Token = newest.Token
		case newest == nil || newest.N < tried.N:
			c.hurry() // it was not made, or not yet
			return false, forPeopleOnly(inserted)
		case !l.isTried(newest):
			c.lease.noteOther(newest, false)
			c.stepAside()
			return false, nil
		}
	}
	return c.noteTaken(ctx, newest)
}

// noteTaken reads the row before ours once more, now that nobody can miss ours, and so when we may begin to create.
func (c *Cycle) noteTaken(ctx context.Context, ours *plan.LeaseRow) (bool, error) {
	l := &c.lease
	var before *plan.LeaseRow
	if ours.N > 1 {
		var err error
		if before, err = c.rowNumber(ctx, ours.N-1); err != nil {
			return false, err
		}
	}
	free := before != nil && !before.Deleted && before.Closing != "" && (before.Closing == l.closing || c.safeguardsOff.LeaseClosing)
	from := plan.LeaseFrom(free, before, ours.Stamp, c.Settings.span())
	if err := c.Store.Update(func(tx *store.Tx) error {
		return errors.Join(tx.SetValue(valueClosing, ""), tx.SetValue(state.ValueLease, "1"))
	}); err != nil {
		return false, err
	}
	l.mu.Lock()
	l.mine, l.row, l.other, l.alive, l.closing = plan.Lease{N: ours.N, Token: ours.Token, From: from}, ours.ID, nil, false, ""
	l.beat, l.sure, l.told = time.Time{}, time.Time{}, 0
	l.mu.Unlock()
	c.Log.LeaseTaken(ours.N, from)
	return true, nil
}

func (l *lease) isTried(row *plan.LeaseRow) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return row != nil && !row.Deleted && l.tried.N > 0 && row.N == l.tried.N && row.Token == l.tried.Token
}

func (c *Cycle) decideLease(newest *plan.LeaseRow) plan.LeaseStep {
	l := &c.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	return plan.DecideLease(plan.LeaseFacts{Mine: l.mine, Newest: newest, Closing: l.closing, Watch: l.watch, Span: c.Settings.span(), Off: c.safeguardsOff})
}
