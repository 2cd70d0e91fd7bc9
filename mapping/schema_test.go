package mapping

import "slices"

// company is the org of the example: the standard objects as far as they
// matter, and the custom fields that the example names.
func company() Schema {
	id := Field{Type: Text, Length: 18, ReadOnly: true}
	money := Field{Type: Number, Scale: 2}
	write := func(t Type, length int) Field { return Field{Type: t, Length: length, Scale: 2} }
	return Schema{
		"Account": {Name: "Account", Fields: map[string]Field{
			"Id": id, "Name": {Type: Text, Label: "Account Name", Length: 255}, "AccountNumber": {Type: Text, Length: 40}, "Billing_Email__c": {Type: Text, Label: "Billing Email", Length: 80},
			"BillingStreet": {Type: Text, Length: 255}, "BillingCity": {Type: Text, Length: 40}, "BillingState": {Type: Text, Length: 80},
			"BillingPostalCode": {Type: Text, Length: 20}, "BillingCountry": {Type: Text, Length: 80}, "Phone": {Type: Text, Length: 40},
			"Region__c": {Type: Text, Length: 80, Enum: []string{"North", "South"}}, "CreatedDate": {Type: DateTime, ReadOnly: true},
			"Xero_Contact_Id__c": {Type: Text, Length: 36}, "ParentId": {Type: Text, Length: 18, Reference: true, Object: "Account"},
			"Parent": {Type: Parent, Object: "Account"}, "Owner": {Type: Parent, Object: "User"}, "Credit_Days__c": {Type: Number},
		}},
		"Opportunity": {Name: "Opportunity", Fields: map[string]Field{
			"Id": id, "Name": {Type: Text, Length: 120}, "AccountId": {Type: Text, Length: 18, Reference: true, Object: "Account"},
			"Account": {Type: Parent, Label: "Account", Object: "Account"}, "Amount": money, "CloseDate": {Type: Date, Label: "Close Date"}, "IsWon": {Type: Bool, ReadOnly: true},
			"IsClosed": {Type: Bool, ReadOnly: true}, "StageName": {Type: Text, Length: 40, Enum: []string{"Prospecting", "Closed Won", "Closed Lost"}},
			"CurrencyIsoCode": {Type: Text, Length: 3}, "HasOpportunityLineItem": {Type: Bool, ReadOnly: true}, "PO_Number__c": {Type: Text, Label: "Purchase Order", Length: 300},
			"Probability": {Type: Number, Scale: 0}, "OwnerId": {Type: Text, Length: 18, Reference: true, Object: "User"}, "CreatedDate": {Type: DateTime, ReadOnly: true},
			"Rate__c": {Type: Number, Scale: 4}, "Description": {Type: Text, Length: 32000},
			"Xero_Invoice_Id__c": write(Text, 36), "Xero_Invoice_Number__c": write(Text, 255), "Xero_Status__c": write(Text, 20),
			"Xero_Total__c": write(Number, 0), "Xero_Amount_Due__c": write(Number, 0), "Xero_Amount_Paid__c": write(Number, 0),
			"Xero_Fully_Paid_On__c": write(Date, 0), "Xero_Sync_Error__c": write(Text, 255), "Xero_Seen__c": write(DateTime, 0), "Xero_Sent__c": write(Bool, 0),
		}, Children: map[string]Child{"OpportunityLineItems": {Object: "OpportunityLineItem", Field: "OpportunityId"}}},
		"OpportunityLineItem": {Name: "OpportunityLineItem", Fields: map[string]Field{
			"Id": id, "OpportunityId": {Type: Text, Length: 18, Reference: true, Object: "Opportunity"}, "Opportunity": {Type: Parent, Object: "Opportunity"},
			"Product2Id": {Type: Text, Length: 18, Reference: true, Object: "Product2"}, "Product2": {Type: Parent, Label: "Product", Object: "Product2"},
			"Description": {Type: Text, Label: "Line Description", Length: 255}, "Name": {Type: Text, Length: 376}, "Quantity": money, "UnitPrice": {Type: Number, Label: "Sales Price", Scale: 2}, "TotalPrice": money,
			"Discount": money, "SortOrder": {Type: Number}, "ServiceDate": {Type: Date},
		}},
		"Product2": {Name: "Product2", Fields: map[string]Field{
			"Id": id, "Name": {Type: Text, Label: "Product Name", Length: 255}, "ProductCode": {Type: Text, Length: 255}, "Family": {Type: Text, Length: 40},
		}},
		"User": {Name: "User", Fields: map[string]Field{"Id": id, "Name": {Type: Text, Length: 121}}},
	}
}

// only keeps some objects of a schema.
func only(s Schema, names ...string) Schema {
	kept := Schema{}
	for n, o := range s {
		if slices.Contains(names, n) {
			kept[n] = o
		}
	}
	return kept
}
