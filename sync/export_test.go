package sync

import (
	"fmt"

	"sf2xero/xero"
)

// SetStagger gives each call of a push a moment of its own to begin at, so that a simulation replays exactly.
func (c *Cycle) SetStagger(wait func(call uint64)) { c.pusher.beforeCall = wait }

// SetTokens makes the tokens of a lease follow from the seed.
func (c *Cycle) SetTokens(next func() string) { c.lease.newKey = next }

// SetWithout switches one safeguard off.
func (c *Cycle) SetWithout(safeguard string) {
	w := &c.safeguardsOff
	off, ok := map[string]*bool{
		"settle": &w.Settle, "write ahead": &w.WriteAhead, "halving": &w.Halving, "born DRAFT": &w.BornDraft, "last sent": &w.LastSent, "parsed marks": &w.ParsedMarks,
		"adoption": &w.Adoption, "store witness": &w.StoreWitness, "mark witness": &w.MarkWitness, "row witness": &w.RowWitness, "blank": &w.Blank, "quarantine": &w.Quarantine,
		"overlap": &w.Overlap, "server time": &w.ServerTime, "re-read": &w.Reread, "todo": &w.Todo, "absence": &w.Absence, "cause": &w.Cause, "restore": &w.Restore, "together": &w.Together, "budget": &w.Budget,
		"proof": &w.Proof, "look up": &w.LookUp, "pin": &w.Pin, "entry identity": &w.EntryIdentity, "approval": &w.Approval, "otherwise": &w.Otherwise,
		"currency": &w.Currency, "describe": &w.Describe, "rate": &w.Rate, "older": &w.Older, "looks": &w.Looks, "beside": &w.Beside,
		"check before the byte": &w.ByteCheck, "other writer": &w.OtherWriter, "age of the plan": &w.PlanAge, "lease bound": &w.LeaseBound, "lease token": &w.LeaseToken, "lease insert": &w.LeaseInsert,
		"lease re-read": &w.LeaseReread, "lease beat": &w.LeaseBeat, "lease look": &w.LeaseLook, "lease closing": &w.LeaseClosing,
		"contradiction": &w.Contradiction, "merges": &w.Merges, "first invoice": &w.FirstInvoice,
	}[safeguard]
	if !ok {
		panic(fmt.Sprintf("there is no safeguard %q", safeguard))
	}
	*off = true
}

// LooksMade is how many looks at a list count within a day.
func (c *Cycle) LooksMade(list xero.Part) int { return c.looks.today(list) }
