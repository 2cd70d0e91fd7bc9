package sync

import "fmt"

// SetStagger gives each call of a push a moment of its own to begin at, so that a simulation replays exactly.
func (c *Cycle) SetStagger(wait func(call uint64)) { c.stagger = wait }

// SetWithout switches one safeguard off.
func (c *Cycle) SetWithout(safeguard string) {
	w := &c.without
	off, ok := map[string]*bool{
		"settle": &w.settle, "write ahead": &w.writeAhead, "halving": &w.halving, "born DRAFT": &w.bornDraft, "last sent": &w.lastSent, "parsed marks": &w.parsedMarks,
		"adoption": &w.adoption, "store witness": &w.storeWitness, "mark witness": &w.markWitness, "row witness": &w.rowWitness, "blank": &w.blank, "quarantine": &w.quarantine,
		"overlap": &w.overlap, "server time": &w.serverTime, "re-read": &w.reread, "todo": &w.todo, "absence": &w.absence, "cause": &w.cause, "budget": &w.budget,
		"proof": &w.proof, "look up": &w.lookUp, "pin": &w.pin, "entry identity": &w.entryIdentity,
	}[safeguard]
	if !ok {
		panic(fmt.Sprintf("there is no safeguard %q", safeguard))
	}
	*off = true
}
