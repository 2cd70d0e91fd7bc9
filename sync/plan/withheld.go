package plan

import "time"

// RefusedFor is how long what Xero refused is not sent again while nothing we know of changed.
const RefusedFor = 24 * time.Hour

// TooEarly is true before a stored moment. One that is further away than anything is ever put off was stored by a wrong clock.
func TooEarly(now, notBefore time.Time) bool {
	return now.Before(notBefore) && notBefore.Sub(now) <= RefusedFor+time.Hour
}

// CauseDrop marks a record that waits only for its row in Salesforce to be cleared of a hold.
const CauseDrop = "forget"

// CauseMapping is the cause of a record that matches only because mapping.yaml was edited.
const CauseMapping = "mapping"

// CauseNeeded is the cause of an account that a deal needs which could be invoiced now.
const CauseNeeded = "needed"

// CauseMerged is the cause of an account into which another one was merged, whose contact it may inherit.
const CauseMerged = "merged"

// CauseAsked is the cause of an account that an invoice which is there already is to be made out to. A contact that is in Xero is
// taken for it; none is made, because that invoice cannot be changed any more.
const CauseAsked = "asked"

// CauseAdmitted is the cause of a record that an edit let in and a person let out.
const CauseAdmitted = "admitted"
