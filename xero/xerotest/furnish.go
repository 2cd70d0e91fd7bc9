package xerotest

import "github.com/shopspring/decimal"

// furnish puts into the demo company what its own people have made: contacts, invoices in every stage, price list items.
func (o *Organisation) furnish() {
	amount := decimal.RequireFromString
	today := o.today()
	o.addItem("DEV-H", "Development work - developer onsite per hour", amount("190.00"))
	o.addItem("BOOK", "Fish out of Water: Finding Your Brand", amount("19.95"))
	contacts := make(map[string]string)
	for _, e := range []EditableContact{
		{Name: "Ridgeway University", EmailAddress: "accounts@ridgeway.example", FirstName: "Carole", LastName: "Kent", Phone: "8005001234",
			Postal: AddressView{Line1: "Private Bag 10", City: "Ridge Heights", Region: "Madeupville", PostalCode: "6001", Country: "New Zealand"}},
		{Name: "City Limousines", EmailAddress: "drive@citylimo.example", FirstName: "Martin", LastName: "Dale", Phone: "8004001"},
		{Name: "Bayside Club", EmailAddress: "secretary@bayside.example", AccountNumber: "BAYSIDE-01", FirstName: "Bob", LastName: "Partridge"},
		{Name: "Boom FM", EmailAddress: "human@boomfm.example"},
	} {
		id, err := o.addContact(e)
		if err != nil {
			continue // every one of them has a name
		}
		contacts[e.Name] = id
	}
	for _, d := range []struct {
		contact, description, price string
		status                      string
		age                         int
	}{
		{"Ridgeway University", "Onsite project management", "3825.00", authorised, 20},
		{"City Limousines", "Website refresh", "650.00", authorised, 45},
		{"Bayside Club", "Club membership desk, July", "203.48", draft, 3},
		{"Boom FM", "Desktop support", "500.00", voided, 60},
	} {
		day := today.AddDate(0, 0, -d.age)
		id, err := o.addInvoice(EditableInvoice{ContactID: contacts[d.contact], Date: dayText(day), DueDate: dayText(day.AddDate(0, 0, 14)), Reference: "P/O 9711",
			Lines: []LineView{{Description: d.description, Quantity: decimal.New(1, 0), UnitAmount: amount(d.price), AccountCode: "200", TaxType: "OUTPUT2"}}})
		if err == nil {
			o.invoices.byID[id].status = d.status
		}
	}
}
