package sync

import (
	"sf2xero/store"
	"sf2xero/xero"
)

// without switches single safeguards of the protocol off, so that tests can show what each of them prevents. Nothing but
// a test of this package can set it.
type without struct {
	settle        bool // what is not seen at once counts as not done
	writeAhead    bool // a call is not stored before it is sent
	halving       bool // a batch that fails is sent whole again
	bornDraft     bool // an invoice is made in the status that the mapping wants
	lastSent      bool // what a person changed in Xero does not count
	parsedMarks   bool // a mark is compared as text
	adoption      bool // of two live documents the first is taken
	storeWitness  bool // what the store knows of a document does not keep from making another
	markWitness   bool // nor do the marks in Xero
	rowWitness    bool // nor does the record's own field
	blank         bool // a new store reads Xero as if it knew all that is older
	quarantine    bool // a store is trusted, however it was closed
	overlap       bool // a watch reads from where the one before ended
	serverTime    bool // the local clock is believed
	reread        bool // held records are not read again
	todo          bool // the cursor moves before what was read is stored
	absence       bool // what is not returned counts as not matching
	cause         bool // an edited mapping is cause enough to make an invoice
	budget        bool // calls of the process before do not count
	proof         bool // Xero is trusted to keep the marks
	lookUp        bool // "it exists" is a refusal like any other
	entryIdentity bool // an entry may lose its name
	pin           bool // any org and organisation will do
}

// withoutMarks are books in which no mark is to be seen.
type withoutMarks struct{ Books }

func (b withoutMarks) Mirror(kind, word string) []store.Seen {
	if kind == string(xero.Invoices) {
		return nil
	}
	return b.Books.Mirror(kind, word)
}
