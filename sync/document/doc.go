// Package document is what a Xero document is to us, without any I/O: how its fields compare, which part of it an update
// sends, the mark that makes it recognisable as ours, and how its fields are told to people.
package document
