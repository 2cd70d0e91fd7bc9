package xerotest

import "fmt"

// Texts that the public quotes in two spellings, nobody says when which: Options.OtherWords chooses the second.

func (o *Organisation) textNameTaken(name string) string {
	if o.opt.OtherWords {
		return "The Contact Name already exists. Please enter a different Contact Name."
	}
	return "The contact name " + name + " is already assigned to another contact. The contact name must be unique across all active contacts."
}

func (o *Organisation) textContactNumberTaken(number string) string {
	if o.opt.OtherWords {
		return "The contact number " + number + " is already assigned to another contact. The contact number must be unique across all contacts."
	}
	return "Another contact has this contact number. Please enter a different contact number."
}

func (o *Organisation) textNotModifiable(name string) string {
	if o.opt.OtherWords {
		return "Document not of valid status for modification"
	}
	return name + " not of valid status for modification"
}

const textMoneyOnDocument = "This document cannot be edited as it has a payment or credit note allocated to it."

func (o *Organisation) textMoneyOnIt(document, status string) string {
	if o.opt.OtherWords {
		return fmt.Sprintf("The status %s cannot be applied to the %s because it has payment or Credit notes allocated to it.", status, document)
	}
	return fmt.Sprintf("The status %s cannot be applied to the %s because it has payments or credit notes allocated to it.", status, document)
}

func (o *Organisation) textUnknownTaxType(code string) string {
	if o.opt.OtherWords {
		return "The TaxType code '" + code + "' is not valid"
	}
	return "The TaxType code " + code + " does not exist or cannot be used for this type of transaction."
}
