package state

import (
	"slices"
	"sync"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// Desk is what is known of the world outside during one transaction: two clocks that stand still, what is in force, and
// where to tell what happened. Whoever opens a transaction lays it out anew.
type Desk struct {
	Log           events.Log
	XeroNow       time.Time // Xero's time: what was sent, settled and stood down is measured in it
	SalesforceNow time.Time // Salesforce's time
	Settle        time.Duration
	Bound         time.Duration
	Place         plan.Place
	Mapping       *mapping.Mapping
	Reference     *xero.Reference
	UnknownIDs    map[string]bool // ids in rows that Xero does not know
	Accuses       bool            // this process may create, as far as the lease says: what another has made must not be
	Stranger      bool            // another process holds the lease: what changes in Xero may be its doing
	New           bool            // a person says that nobody served this organisation in the last settle time
	Watches       *Watches        // of this process
	Doubts        *Doubts         // likewise
	Withheld      *Withheld       // likewise
	Off           plan.SafeguardsOff
}

// Soon is the least time between two cycles that wait for Xero to show something.
const Soon = 2 * time.Second

// span is how long after an attempt was stored what became of it must show: the bound until it left, settle until it shows.
func (d Desk) span() time.Duration { return d.Settle + d.Bound }

// wantsApproval is true when the mapping wants more than drafts.
func (d Desk) wantsApproval() bool {
	return slices.ContainsFunc(d.Mapping.Documents, func(e *mapping.Entry) bool { return e.Status != "DRAFT" })
}

// Watches is what one process remembers of its watches of Xero, by its own monotonic clock.
type Watches struct {
	Began      time.Time            // the running watch of either kind
	first      map[string]time.Time // by attempt: when the first watch after it began
	quarantine time.Time            // when this process's first watch of invoices under quarantine began
}

// FirstAfter is when the first watch after a call's last attempt began, if one has.
func (w *Watches) FirstAfter(intent store.Intent) (began time.Time, ok bool) {
	began, ok = w.first[lookAt(intent)]
	return began, ok
}

// Doubts are the lists of Xero that its answers contradict. Calls in flight add to them while a watch takes them.
type Doubts struct {
	mu    sync.Mutex
	parts []xero.Part
}

// Add doubts a list.
func (d *Doubts) Add(part xero.Part) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.parts = append(d.parts, part)
}

// Take returns what was doubted since it was last asked.
func (d *Doubts) Take() []xero.Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	parts := d.parts
	d.parts = nil
	return parts
}
