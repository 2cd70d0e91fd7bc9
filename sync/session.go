package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// What a process tells the next one of the pace at which Xero may be called.
const (
	valuePace      = "pace"      // when the calls of the last minute began, in the local clock's time
	valueStandDown = "standdown" // until when Xero is not to be called, in the local clock's time
)

// session is what one process knows of itself.
type session struct {
	begun   bool
	place   plan.Place // whom it serves
	preview bool       // a person is waiting to see the plan, and nothing will be sent
	hurry   bool       // something waits for Xero to show it: both sides are asked
	backups backups
}

// begin is done once in a process: whom do we serve, and may we trust what the store remembers.
func (c *Cycle) begin(ctx context.Context) error {
	if c.session.begun {
		return nil
	}
	if err := c.Log.Again(c.Store); err != nil {
		return err
	}
	if err := c.stoppedBefore(); err != nil {
		return err
	}
	if err := c.resumePace(); err != nil {
		return err
	}
	who, err := c.Salesforce.Identity(ctx, actObject)
	if err != nil {
		return err
	}
	tenants, err := c.Xero.Tenants(ctx)
	if err != nil {
		return err
	}
	tenant, err := chooseTenant(tenants, c.Settings.TenantID)
	if err != nil {
		return err
	}
	var started string
	if err := c.Store.Update(func(tx *store.Tx) error {
		if err := tx.SetPin(who.OrgID, strings.ToLower(tenant.ID)); err != nil && !c.safeguardsOff.Pin {
			var p *store.Problem
			if errors.As(err, &p) {
				return &remote.Error{API: "store", Op: "open", Class: remote.BadConfig, Message: p.Error(), Err: p}
			}
			return err
		}
		var err error
		c.pusher.sequence, err = tx.NextSequence()
		return err
	}); err != nil {
		return err
	}
	c.Xero.Use(tenant.ID)
	c.session.place = plan.Place{Org: who.OrgID, Instance: who.Instance, Tenant: strings.ToLower(tenant.ID), Currency: who.Currency, Sandbox: who.Sandbox, SeveralCurrencies: who.MultiCurrency}
	c.pusher.currenciesRead, c.looks.began = time.Now(), time.Now()
	c.Log.Place = c.session.place
	if err := c.beginLease(ctx, who, tenant.ID); err != nil {
		return err
	}
	if started, err = c.enterQuarantine(); err != nil {
		return err
	}
	c.Log.Started(c.session.place, started)
	c.session.begun = true
	return nil
}

// recent leaves out the slots of a ring that were never used, and what any minute has forgotten.
func recent(starts []time.Time) []time.Time {
	kept := []time.Time{}
	for _, at := range starts {
		if !at.IsZero() && time.Since(at) < 2*time.Minute {
			kept = append(kept, at.Round(0).UTC())
		}
	}
	return kept
}

// misused is what a person has to put right before anything can go on.
func misused(op, message, remedy string) error {
	return &remote.Error{API: "Xero", Op: op, Class: remote.BadConfig, Message: message, Remedy: remedy}
}

// chooseTenant never takes "the first": an invoice in the wrong company's books is worse than none.
func chooseTenant(tenants []xero.Tenant, wanted string) (xero.Tenant, error) {
	var organisations []xero.Tenant
	for _, t := range tenants {
		if t.Type == "ORGANISATION" {
			organisations = append(organisations, t)
		}
	}
	refuse := func(message, remedy string) (xero.Tenant, error) {
		return xero.Tenant{}, misused("GET /connections", message, remedy)
	}
	if wanted != "" {
		for _, t := range organisations {
			if strings.EqualFold(t.ID, wanted) {
				return t, nil
			}
		}
		return refuse("xero.tenant_id "+wanted+" is not among the organisations this connection may use", "Correct xero.tenant_id, or connect that organisation")
	}
	switch len(organisations) {
	case 1:
		return organisations[0], nil
	case 0:
		return refuse("this connection has no organisation", "Connect it to your organisation in Xero")
	}
	var names []string
	for _, t := range organisations {
		names = append(names, fmt.Sprintf("%s (%s)", t.ID, t.Name))
	}
	return refuse("this connection has several organisations: "+strings.Join(names, ", "), "Set xero.tenant_id to the one to serve")
}

// resumePace keeps promises to Xero across restarts: the moment until which it wants to be left alone, and the calls of
// the last minute, which are stored before they leave. Where the store may not know them all, it is taken that as many
// as are allowed were just made.
func (c *Cycle) resumePace() error {
	var until time.Time
	var starts []time.Time
	strange := false
	if err := c.Store.View(func(tx *store.Tx) error {
		until, _ = time.Parse(time.RFC3339Nano, tx.Value(valueStandDown))
		if pace := tx.Value(valuePace); pace != "" && json.Unmarshal([]byte(pace), &starts) != nil {
			starts, strange = nil, true
		}
		strange = strange || (state.Blank(tx) && len(starts) == 0 && !c.Settings.New && !c.session.preview)
		return nil
	}); err != nil {
		return err
	}
	pacer := c.Xero.Pacer()
	unclean, _ := c.Store.Unclean()
	remember := func(starts []time.Time) error {
		pace, err := json.Marshal(recent(starts))
		if err != nil {
			return err
		}
		return c.Store.Update(func(tx *store.Tx) error { return tx.SetValue(valuePace, string(pace)) })
	}
	switch {
	case c.safeguardsOff.Budget:
	case strange || (unclean && !c.Store.Killed()):
		pacer.AssumeBusy()
		c.Log.Waits()
		// At once, so that a kill in the minute that is waited out now neither forgets it nor begins it again.
		if err := remember(pacer.Starts()); err != nil {
			return err
		}
	default:
		pacer.Resume(starts, unclean)
	}
	pacer.OnStart(remember)
	// Kept in the local clock's time, as the calls are: before Xero's first answer nobody knows how far its clock is from
	// ours. A day is the longest that it asks for.
	if wait := time.Until(until); wait > 0 {
		pacer.StandDown(min(wait, 24*time.Hour), "Xero asked for it before the restart")
	}
	pacer.OnStandDown(func(d time.Duration, why string) {
		c.Log.StandDown(c.xeroNow().Add(d), why)
		if err := c.Store.Update(func(tx *store.Tx) error {
			return tx.SetValue(valueStandDown, time.Now().Add(d).UTC().Format(time.RFC3339Nano))
		}); err != nil {
			c.Log.Failed("remember Xero's stand-down", err)
		}
	})
	return nil
}

// OtherWriter stops the daemon for good: two of them would each create what the other has not shown yet. What is stored of
// it keeps every later start from serving, until a person has stopped the other one and says so (`run --takeover`).
type OtherWriter struct{ Text string }

func (e *OtherWriter) Error() string {
	return e.Text + "; stop the other one, then start this one once with `run --takeover`"
}

// stoppedBefore refuses a start of a store that has stopped for another writer, before anything is asked of anybody:
// whatever restarts a container has looked at nothing.
func (c *Cycle) stoppedBefore() error {
	if c.session.preview {
		return nil // a person looks, and nothing will be sent
	}
	err := c.stopForOtherWriter()
	switch {
	case err != nil && !c.Settings.Takeover:
		return err
	case err == nil && c.Settings.Takeover:
		return misused("run --takeover", "this store has not stopped for another sf2xero", "Start without --takeover")
	}
	return nil
}

func (c *Cycle) stopForOtherWriter() error {
	var text string
	if err := c.Store.View(func(tx *store.Tx) error { text = state.OtherWriter(tx); return nil }); err != nil {
		return err
	}
	if text == "" {
		return nil
	}
	return &OtherWriter{Text: text}
}

// enterQuarantine does so at the start of a process that may not trust what its store remembers.
func (c *Cycle) enterQuarantine() (why string, err error) {
	start := state.Beginning{Killed: c.Store.Killed()}
	if unclean, reason := c.Store.Unclean(); unclean {
		start.Doubt = reason
	}
	if !c.lease.there && !c.session.preview {
		start.Hidden = actObject // somebody may hold the lease that this process cannot see, and be sending
	}
	err = c.Store.Update(func(tx *store.Tx) error {
		why, err = c.desk(Inputs{Place: c.session.place}).EnterQuarantine(tx, start)
		return err
	})
	return why, err
}

// mayInvoice refuses a sandbox in front of books that are in earnest: it is a copy of the company, and each of its deals
// would be invoiced once more.
func (c *Cycle) mayInvoice(ref *xero.Reference) error {
	if !c.session.place.Sandbox || ref.Organisation.IsDemoCompany || c.Settings.AllowSandbox {
		return nil
	}
	return &remote.Error{API: "Xero", Op: "GET /Organisation", Class: remote.BadConfig,
		Message: fmt.Sprintf("Salesforce (org %s) is a sandbox, and %q is no demo company: the copy of a deal would stand in its books beside the deal's own invoice",
			c.session.place.Org, ref.Organisation.Name),
		Remedy: "Connect a demo company, or set xero.allow_sandbox: true (SF2XERO_XERO_ALLOW_SANDBOX) if these books are for trying out"}
}
