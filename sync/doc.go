// Package sync is the cycle that keeps a company's deals in Salesforce and its invoices in Xero in step:
// watch Xero, pull Salesforce, plan, push, write back. It is the only package of the heart with a client, a context and a
// clock: what is decided is in plan, what that means for the store in state. cycle.go is the first page to read, plan/plan.go the
// second; everything else hangs below one of their lines.
//
// The cycle is crash-only: it may be killed at any instruction, because what it must remember is in the store before
// the first byte of a call leaves, and each cycle begins by looking at what Xero really has.
package sync
