package plan

import (
	"encoding/json"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
)

// Action is what a step does about a record.
type Action string

// The actions. Wait leaves the record queued: something must be seen, or some time must pass, first.
const (
	Nothing Action = "nothing"
	Create  Action = "create"
	Adopt   Action = "adopt"
	Update  Action = "update"
	Promote Action = "promote"
	Delete  Action = "delete"
	Wait    Action = "wait"
	Hold    Action = "hold"
)

// Step is one decision of the plan as plain data, with its reason; a saved plan is its JSON.
type Step struct {
	Key        store.Key       `json:"key"`
	Do         Action          `json:"do"`
	Why        string          `json:"why"`
	Name       string          `json:"name,omitempty"`   // the deal or customer as people call it; for plan's output only
	Amount     string          `json:"amount,omitempty"` // what the invoice comes to, with its currency
	XeroID     string          `json:"xero_id,omitempty"`
	Generation int             `json:"generation,omitempty"`
	Hash       string          `json:"hash,omitempty"`      // of the record decided upon
	Today      string          `json:"today,omitempty"`     // the organisation's date at the record's first plan
	Status     string          `json:"status,omitempty"`    // promote: the status wanted; update: the status last seen
	Document   json.RawMessage `json:"document,omitempty"`  // what is sent; an invoice's Contact is added by push
	Meant      json.RawMessage `json:"-"`                   // update and adopt: the whole document as meant afterwards
	Completed  json.RawMessage `json:"-"`                   // whatever is done: what the document was meant to be, with what an older version did not send
	Contact    store.Key       `json:"contact,omitzero"`    // whose contact the invoice is for; its step comes first
	Until      time.Time       `json:"until,omitzero"`      // wait: when it is worth looking again; zero: when something changes
	KeepQueued bool            `json:"stay,omitempty"`      // nothing: but the draft may still have to be approved
	Mismatch   string          `json:"differs,omitempty"`   // nothing: how the document found again departs from the deal
	Drop       bool            `json:"forget,omitempty"`    // nothing: the record needs no further attention and has no document
	Undecided  bool            `json:"undecided,omitempty"` // nothing: but what changed on the record was not dealt with, and is once it is seen again
	RestsOn    string          `json:"rests_on,omitempty"`  // adopt, of a contact: which identifiers agree and which differ, by name
	Admitted   bool            `json:"admitted,omitempty"`  // a person has admitted what the edit of a day let in
	Corrected  bool            `json:"corrected,omitempty"` // nothing: the mapping or the deal was corrected, and the document is what comes of it now
	LetIn      string          `json:"let_in,omitempty"`    // the day of the edit that alone lets the record in
	Findings   []Finding       `json:"findings,omitempty"`
	Hold       *store.Hold     `json:"hold,omitempty"`

	Inputs   string                    `json:"inputs,omitempty"` // hash of what Xero's verdict about the document depends on
	SeenAt   time.Time                 `json:"-"`                // edits: the snapshot of the document that was decided upon
	Sources  map[string]mapping.Source `json:"-"`
	Baseline map[string]string         `json:"-"` // nothing, of a document found again: what counts as shown by Xero of the fields that depart from the record
	Record   *store.Record             // the record as read, so that what becomes of it can be stored without reading it again
}

// Finding is something a person should know although nothing is held for it.
type Finding struct {
	What string `json:"what"` // a stable dotted name
	Text string `json:"text"`
}

// Policy is a filter over the plan: what may be done, and what must wait for a person.
type Policy func(Step) Step

// Everything is the policy that changes no step.
func Everything(s Step) Step { return s }
