// Package state is what an observation, an answer or a decision means for the store: what Xero shows is observed, adopted and
// settled; what it answers becomes a link or a hold; what the plan says is stored; and the gate says whether anything may be
// created at all. Every function takes a transaction. None has a client, a context or a clock: what it must know of the world
// outside lies on its Desk, where the servers' times stand still. desk.go is the first page to read, observe.go the second.
package state
