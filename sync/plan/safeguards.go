package plan

import (
	"sf2xero/store"
	"sf2xero/xero"
)

// SafeguardsOff switches single safeguards of the protocol off, so that tests can show what each of them prevents. Nothing but
// a test of the cycle can set it.
type SafeguardsOff struct {
	Settle        bool // what is not seen at once counts as not done
	WriteAhead    bool // a call is not stored before it is sent
	Halving       bool // a batch that fails is sent whole again
	BornDraft     bool // an invoice is made in the status that the mapping wants
	LastSent      bool // what a person changed in Xero does not count
	ParsedMarks   bool // a mark is compared as text
	Adoption      bool // of two live documents the first is taken
	StoreWitness  bool // what the store knows of a document does not keep from making another
	MarkWitness   bool // nor do the marks in Xero
	RowWitness    bool // nor does the record's own field
	Blank         bool // a new store reads Xero as if it knew all that is older
	Quarantine    bool // a store is trusted, however it was closed
	Overlap       bool // a watch reads from where the one before ended
	ServerTime    bool // the local clock is believed
	Reread        bool // held records are not read again
	Todo          bool // the cursor moves before what was read is stored
	Absence       bool // what is not returned counts as not matching
	Cause         bool // an edited mapping is cause enough to make an invoice
	Restore       bool // what an edit takes out of the mapping is forgotten
	Together      bool // many deals that stop matching at once are each one of their own
	Budget        bool // calls of the process before do not count
	Proof         bool // Xero is trusted to keep the marks
	LookUp        bool // "it exists" is a refusal like any other
	EntryIdentity bool // an entry may lose its name
	Pin           bool // any org and organisation will do
	Contradiction bool // a contact is an account's whatever contradicts it
	Merges        bool // an account that was merged into another one, or deleted, keeps its contact
	FirstInvoice  bool // a deal that cannot be invoiced makes its account a contact
	Currency      bool // a mapping that names no currency sends none
	Describe      bool // an org that had one currency at the start has one for good
	Older         bool // what an older version did not send is not compared
	Rate          bool // any rate will do
	Looks         bool // what Xero lacked is looked for once an hour
	Beside        bool // what a deal names beside the invoice that bears its mark is overwritten unseen
	ByteCheck     bool // what was stored leaves, however long ago that was
	PlanAge       bool // a call may rest on what Salesforce said, and a create on what Xero showed, long ago
	OtherWriter   bool // a second document with a record's mark is a person's copy, whoever made it
	LeaseBound    bool // a beat is good for ever
	LeaseToken    bool // a row is known by what the store remembers, not by what this process alone does
	LeaseInsert   bool // a row that somebody else has inserted will do
	LeaseReread   bool // who has taken the lease does not wait for what the one before may have sent last
	LeaseBeat     bool // the holder gives no sign of life
	LeaseLook     bool // nor looks whether it still is the holder
	LeaseClosing  bool // a released row is free for everybody
	Approval      bool // what an approval answers is taken as it is
	Otherwise     bool // each document that differs is a matter of its own
}

// BooksWithoutMerges are books that know of no account that was merged or deleted.
type BooksWithoutMerges struct{ Books }

func (b BooksWithoutMerges) Gone(string) (string, bool) { return "", false }
func (b BooksWithoutMerges) MergedInto(string) []string { return nil }

// BooksWithoutMarks are books in which no mark is to be seen.
type BooksWithoutMarks struct{ Books }

func (b BooksWithoutMarks) Mirror(kind, word string) []store.Seen {
	if kind == string(xero.Invoices) {
		return nil
	}
	return b.Books.Mirror(kind, word)
}
