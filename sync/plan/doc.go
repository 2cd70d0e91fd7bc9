// Package plan is the decision: what is to be done about one record, and why. Everything in it is a pure function of a
// record, the mapping, what the store and the watch know (Books), Xero's reference data and the two servers' time.
// plan.go has the case table; its tests are tables, too.
package plan
