package sync

import (
	"strconv"

	"sf2xero/store"
	"sf2xero/sync/plan"
	"sf2xero/sync/state"
)

// What edits of mapping.yaml let in waits as one group: one line in the log says how many records it holds, which is how many
// drafts the edit would have made otherwise, and what lets them out.

// tellLetIn tells of each group after a sweep, when an edit was just swept or something waits, and whenever more has joined.
func (c *Cycle) tellLetIn(in Inputs) error {
	if !c.puller.swept && !c.puller.sweptEdit && c.Log.Report.HoldsAdded()[plan.CauseEdited] == 0 {
		return nil
	}
	entries := pushOrder(in.Mapping)
	for i, e := range entries {
		waiting, reached, day := 0, 0, ""
		if err := c.Store.View(func(tx *store.Tx) error { waiting, reached, day = state.LetInOf(tx, e); return nil }); err != nil {
			return err
		}
		if reached > 0 {
			c.Log.Report.Reached = reached
		}
		if waiting > 0 {
			c.Log.Report.LetIn += waiting
			c.Log.Report.WayOut = plan.WaysOut(e, day)
		}
		if waiting > 0 || c.puller.sweptEdit && i == len(entries)-1 {
			c.Log.LetIn(e, waiting, day)
		}
	}
	c.puller.swept, c.puller.sweptEdit = false, false
	return nil
}

func (p *pull) noteReached() error {
	text := ""
	if p.reached > 0 {
		text = strconv.Itoa(p.reached)
	}
	if noted, err := p.c.noted(state.ValueReached); err != nil || noted == text {
		return err
	}
	return p.c.Store.Update(func(tx *store.Tx) error { return tx.SetValue(state.ValueReached, text) })
}
