package sync

import "time"

// refusedFor is how long what Xero refused is not sent again while nothing we know of changed.
const refusedFor = 24 * time.Hour

// tooEarly is true before a stored moment. One that is further away than anything is ever put off was stored by a wrong clock.
func tooEarly(now, notBefore time.Time) bool {
	return now.Before(notBefore) && notBefore.Sub(now) <= refusedFor+time.Hour
}

// causeForget marks a record that waits only for its row in Salesforce to be cleared of a hold.
const causeForget = "forget"

// causeMapping is the cause of a record that matches only because mapping.yaml was edited.
const causeMapping = "mapping"
