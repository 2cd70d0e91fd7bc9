package xerotest

import (
	"encoding/json"
	"time"
)

// contactOf finds the contact of a document. Anything beside the ContactID edits that contact, and a name or number that
// no one has makes a new one.
func (o *Organisation) contactOf(r *request, in *contactIn, old *document, v *verdict) *contact {
	if in == nil {
		if old == nil {
			v.refuse("A Contact must be specified for this type of transaction")
		}
		return nil
	}
	if in.ContactID.id == "" && text(in.Name) == "" && text(in.ContactNumber) == "" {
		if old == nil {
			v.refuse(textNoIdentity)
		}
		return nil
	}
	found := o.matchContact(in)
	switch {
	case found == nil && in.ContactID.id != "":
		v.refuse("The Contact with the specified ContactID could not be found")
		return nil
	case found != nil && found.archived:
		v.refuse(textArchivedInvoice)
		return found
	case found != nil && !in.says():
		return found
	case v.failed():
		return found // nothing is edited for a document that is refused already
	}
	if found != nil && in.ContactPersons == nil {
		in.ContactPersons = &[]person{} // persons that are not listed are dropped
	}
	raw, err := json.Marshal(in.Name)
	if err != nil {
		return found
	}
	nested := &verdict{}
	c := o.saveContact(r, found, in, raw, nested)
	v.contact = nested.errors // told inside the Contact, not beside the document's own errors
	return c
}

// says tells whether a contact inside a document carries more than what identifies it.
func (in *contactIn) says() bool {
	bare := contactIn{ContactID: in.ContactID, ContactStatus: in.ContactStatus}
	if in.ContactID.id == "" {
		bare.Name, bare.ContactNumber = in.Name, in.ContactNumber
	}
	return *in != bare
}

// from computes the due date that payment terms give.
func (t *terms) from(day time.Time) time.Time {
	y, m, _ := day.Date()
	switch t.kind {
	case "DAYSAFTERBILLDATE":
		return day.AddDate(0, 0, t.day)
	case "DAYSAFTERBILLMONTH":
		return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).AddDate(0, 0, t.day)
	case "OFCURRENTMONTH":
		return time.Date(y, m, t.day, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(y, m+1, t.day, 0, 0, 0, 0, time.UTC)
}
