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

func (o *Organisation) textNotModifiable() string {
	if o.opt.OtherWords {
		return "Document not of valid status for modification"
	}
	return "Invoice not of valid status for modification"
}

func (o *Organisation) textMoneyOnIt(status string) string {
	if o.opt.OtherWords {
		return fmt.Sprintf("The status %s cannot be applied to the invoice because it has payment or Credit notes allocated to it.", status)
	}
	return fmt.Sprintf("The status %s cannot be applied to the invoice because it has payments or credit notes allocated to it.", status)
}

func (o *Organisation) textUnknownTaxType(code string) string {
	if o.opt.OtherWords {
		return "The TaxType code '" + code + "' is not valid"
	}
	return "The TaxType code " + code + " does not exist or cannot be used for this type of transaction."
}
