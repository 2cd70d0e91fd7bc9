package state

import (
	"errors"
	"slices"
	"strings"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// ErrOvertaken stops a call whose reason has gone between plan and sending.
var ErrOvertaken = errors.New("what was planned is no longer so")

// ErrBeat stops a create whose sign of life is too old by the time its turn has come.
var ErrBeat = errors.New("it is too long since the lease was last seen to be ours")

// WriteAhead stores the call and the attempt before the first byte leaves, and in the same transaction looks once more
// whether there still is a reason for it. It runs again for the one replay after an expired token. fresh: a create may rest
// on the last sign of life.
func (d Desk) WriteAhead(tx *store.Tx, intent *store.Intent, fresh bool) error {
	if intent.Do == string(plan.Create) {
		if closed, _ := d.gate(tx, xero.Kind(intent.Kind)); closed != "" && len(intent.Attempts) == 0 {
			return ErrOvertaken
		}
		if !fresh {
			return ErrBeat
		}
	}
	kind := document.KindOf(intent.Kind)
	for i, m := range intent.Members {
		for _, other := range tx.Intents(m.Key) {
			if _, open := LastUnsettled(other); open && other.ID != intent.ID {
				return ErrOvertaken
			}
		}
		link, ok := tx.Link(m.Key)
		if intent.Do != string(plan.Create) {
			if intent.Do != string(plan.Adopt) && (!ok || !strings.EqualFold(link.XeroID, m.XeroID)) {
				return ErrOvertaken
			}
			continue
		}
		if d.Off.StoreWitness {
			continue
		}
		if ok && link.XeroID != "" && kind.Live(link.Status) {
			return ErrOvertaken
		}
		intent.Members[i].Known = d.known(tx, *intent, m)
	}
	for i := range intent.Attempts {
		if intent.Attempts[i].Answer == "" {
			intent.Attempts[i].Answer = "401" // only an answer of 401 leads to a second transmission
		}
	}
	intent.Attempts = append(slices.Clone(intent.Attempts), store.Attempt{At: d.XeroNow})
	if name := valueProof + intent.Kind; intent.Do == string(plan.Create) && tx.Value(name) == "" {
		if err := tx.SetValue(name, "pending:"+unanswered); err != nil {
			return err
		}
	}
	if d.Off.WriteAhead {
		return nil
	}
	return tx.PutIntent(*intent)
}

// known lists the documents with a record's mark that were there before the attempt: none of them can be its doing.
func (d Desk) known(tx *store.Tx, intent store.Intent, m store.Member) []string {
	var ids []string
	for _, seen := range tx.Mirror(intent.Kind, document.KindOf(intent.Kind).MarkWord(m.Key)) {
		ids = append(ids, seen.XeroID)
	}
	if link, ok := tx.Link(m.Key); ok && link.XeroID != "" && !slices.Contains(ids, link.XeroID) {
		ids = append(ids, link.XeroID)
	}
	return ids
}

// TakeBack notes that a stored attempt was none: not a byte of it has left, and nothing waits for it.
func (d Desk) TakeBack(tx *store.Tx, intent store.Intent) error {
	if _, over, err := noteAnswer(tx, intent.ID, notSent); err != nil || !over {
		return err
	}
	if intent.Do == string(plan.Create) {
		if err := settleProof(tx, xero.Kind(intent.Kind), false); err != nil {
			return err
		}
	}
	return tx.DeleteIntent(intent.ID)
}

// notSent is the answer of an attempt of which no byte has left.
const notSent = "not sent"

// noteAnswer notes what became of a call's last attempt. over is true when none of its attempts is unsettled any more; until
// then the call stays stored, whatever the last one was told (rule 1).
func noteAnswer(tx *store.Tx, id, answer string) (stored store.Intent, over bool, err error) {
	stored, ok := tx.Intent(id)
	if !ok {
		return stored, false, nil
	}
	stored.Attempts[len(stored.Attempts)-1].Answer = answer
	if _, open := LastUnsettled(stored); open {
		return stored, false, tx.PutIntent(stored)
	}
	return stored, true, nil
}
