package salesforcetest

import "github.com/shopspring/decimal"

// The words in which the standard objects are written down. A field can be written on create and update unless it says otherwise.

func base(name string, k kind, length int) field {
	return field{name: name, kind: k, length: length, createable: true, updateable: true}
}
func text(name string, length int) field { return base(name, kindText, length) }
func area(name string, length int) field { return base(name, kindArea, length) }
func choice(name string, values ...string) field {
	f := base(name, kindPicklist, 255)
	f.picklist = values
	return f
}
func phone(name string) field  { return base(name, kindPhone, 40) }
func email(name string) field  { return base(name, kindEmail, 80) }
func link(name string) field   { return base(name, kindURL, 255) }
func check(name string) field  { return base(name, kindBool, 0) }
func day(name string) field    { return base(name, kindDate, 0) }
func moment(name string) field { return base(name, kindTime, 0) }
func whole(name string) field  { return base(name, kindInt, 0) }
func decimals(name string, k kind, precision, scale int) field {
	f := base(name, k, 0)
	f.precision, f.scale = precision, scale
	return f
}
func money(name string) field   { return decimals(name, kindMoney, 18, 2) }
func percent(name string) field { return decimals(name, kindPercent, 5, 2) }

// ref points to an object: relationship is the name of the way up, children of the way down ("" if there is none).
func ref(name, to, relationship, children string) field {
	f := base(name, kindReference, 18)
	f.refTo, f.relationship, f.children = to, relationship, children
	return f
}

func (f field) must() field           { f.required = true; return f }
func (f field) readOnly() field       { f.createable, f.updateable = false, false; return f }
func (f field) createOnly() field     { f.updateable = false; return f }
func (f field) computed() field       { f.calculated = true; return f.readOnly() }
func (f field) withParent() field     { f.cascade = true; return f }
func (f field) externalID() field     { f.external = true; return f }
func (f field) ours() field           { f.custom = true; return f }
func (f field) otherwise(v any) field { f.fallback = v; return f }

func address(prefix string) []field {
	return []field{
		area(prefix+"Street", 255), text(prefix+"City", 40), text(prefix+"State", 80), text(prefix+"PostalCode", 20), text(prefix+"Country", 80),
		base(prefix+"Address", kindAddress, 0).readOnly(),
	}
}

func join(parts ...[]field) []field {
	var all []field
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func translatedText(name string, length int) field {
	f := text(name, length)
	f.translated = true
	return f
}

// standardStages are the values of StageName in a new org: whether each is closed, won, and how probable.
var standardStages = []struct {
	name        string
	closed, won bool
	probability int64
}{
	{"Prospecting", false, false, 10},
	{"Qualification", false, false, 10},
	{"Needs Analysis", false, false, 20},
	{"Value Proposition", false, false, 50},
	{"Id. Decision Makers", false, false, 60},
	{"Perception Analysis", false, false, 70},
	{"Proposal/Price Quote", false, false, 75},
	{"Negotiation/Review", false, false, 90},
	{"Closed Won", true, true, 100},
	{"Closed Lost", true, false, 0},
}

// standardObjects lists what a new org has, with the custom fields of an org that was set up for invoicing.
func standardObjects(multiCurrency bool) []definition {
	owner := func() field { return ref("OwnerId", "User", "Owner", "") }
	all := []definition{
		{name: "Account", prefix: "001", currency: true, merges: true, fields: join([]field{
			text("Name", 255).must(), choice("Type"), ref("ParentId", "Account", "Parent", "ChildAccounts"),
		}, address("Billing"), address("Shipping"), []field{
			phone("Phone"), phone("Fax"), text("AccountNumber", 40), link("Website"), text("Sic", 20), choice("Industry"), money("AnnualRevenue"), whole("NumberOfEmployees"),
			choice("Ownership"), text("TickerSymbol", 20), area("Description", 32000), choice("Rating"), text("Site", 80), choice("AccountSource"), owner(),
			email("Billing_Email__c").ours(), text("Region__c", 255).ours(), text("Xero_Contact_Id__c", 36).externalID().ours(),
		})},
		{name: "Contact", prefix: "003", currency: true, merges: true, fields: join([]field{
			ref("AccountId", "Account", "Account", "Contacts").withParent(), text("LastName", 80).must(), text("FirstName", 40), choice("Salutation"), text("Name", 121).readOnly(),
			text("Title", 128), text("Department", 80), phone("Phone"), phone("MobilePhone"), phone("Fax"), email("Email"), ref("ReportsToId", "Contact", "ReportsTo", ""),
			area("Description", 32000), choice("LeadSource"), day("Birthdate"), owner(),
		}, address("Mailing"))},
		{name: "Opportunity", prefix: "006", plural: "Opportunities", currency: true, fields: []field{
			ref("AccountId", "Account", "Account", "Opportunities").withParent(), check("IsPrivate"), text("Name", 120).must(), area("Description", 32000),
			choice("StageName").must(), money("Amount"), decimals("Probability", kindPercent, 3, 0), decimals("ExpectedRevenue", kindMoney, 18, 2).readOnly(),
			day("CloseDate").must(), choice("Type", "Existing Customer - Upgrade", "New Customer"), text("NextStep", 255), choice("LeadSource"),
			check("IsClosed").readOnly(), check("IsWon").readOnly(), choice("ForecastCategoryName", "Omitted", "Pipeline", "Best Case", "Commit", "Closed"),
			check("HasOpportunityLineItem").readOnly(), ref("Pricebook2Id", "Pricebook2", "Pricebook2", "Opportunities"), ref("ContactId", "Contact", "Contact", "").createOnly(),
			ref("ContractId", "Contract", "Contract", "Opportunities"), ref("SyncedQuoteId", "Quote", "SyncedQuote", ""), owner(), moment("LastStageChangeDate").readOnly(),
			text("PO_Number__c", 255).ours(), text("Xero_Invoice_Id__c", 36).externalID().ours(), text("Xero_Invoice_Number__c", 255).ours(), text("Xero_Status__c", 20).ours(),
			money("Xero_Total__c").ours(), money("Xero_Amount_Due__c").ours(), money("Xero_Amount_Paid__c").ours(), money("Xero_Amount_Credited__c").ours(), day("Xero_Fully_Paid_On__c").ours(),
			area("Xero_Sync_Error__c", 32768).ours(),
		}},
		{name: "OpportunityLineItem", prefix: "00k", currency: true, fields: []field{
			ref("OpportunityId", "Opportunity", "Opportunity", "OpportunityLineItems").createOnly().must().withParent(), whole("SortOrder"),
			ref("PricebookEntryId", "PricebookEntry", "PricebookEntry", "OpportunityLineItems").createOnly(), ref("Product2Id", "Product2", "Product2", "OpportunityLineItems").createOnly(),
			text("ProductCode", 255).readOnly(), text("Name", 376).readOnly(), decimals("Quantity", kindNumber, 12, 2).must(), percent("Discount"),
			decimals("Subtotal", kindMoney, 18, 2).readOnly(), money("TotalPrice"), money("UnitPrice"), money("ListPrice").readOnly(), day("ServiceDate"),
			check("HasSchedule").readOnly(), text("Description", 255),
		}},
		{name: "OpportunityContactRole", prefix: "00K", fields: []field{
			ref("OpportunityId", "Opportunity", "Opportunity", "OpportunityContactRoles").createOnly().must().withParent(),
			ref("ContactId", "Contact", "Contact", "OpportunityContactRoles").must().withParent(), choice("Role"), check("IsPrimary"),
		}},
		{name: "Product2", prefix: "01t", plural: "Products", currency: true, fields: []field{
			text("Name", 255).must(), text("ProductCode", 255), area("Description", 4000), check("IsActive"), choice("Family"), choice("QuantityUnitOfMeasure"),
			text("StockKeepingUnit", 180), link("DisplayUrl"),
		}},
		{name: "Pricebook2", prefix: "01s", plural: "Price Books", fields: []field{
			text("Name", 255).must(), area("Description", 255), check("IsActive"), check("IsStandard").readOnly(),
		}},
		{name: "PricebookEntry", prefix: "01u", plural: "Price Book Entries", currency: true, fields: []field{
			text("Name", 255).readOnly(), ref("Pricebook2Id", "Pricebook2", "Pricebook2", "PricebookEntries").createOnly().must(),
			ref("Product2Id", "Product2", "Product2", "PricebookEntries").createOnly().must(), money("UnitPrice").must(), check("IsActive"), check("UseStandardPrice"),
			text("ProductCode", 255).readOnly(),
		}},
	}
	all = append(all, quoteAndOrder()...)
	all = append(all, organisation(multiCurrency)...)
	if multiCurrency {
		for i := range all {
			if all[i].currency {
				all[i].fields = append(all[i].fields, currencyField())
			}
		}
	}
	return all
}

func quoteAndOrder() []definition {
	owner := func() field { return ref("OwnerId", "User", "Owner", "") }
	return []definition{
		{name: "Contract", prefix: "800", currency: true, fields: join([]field{
			ref("AccountId", "Account", "Account", "Contracts").must().withParent(), choice("Status", "Draft", "In Approval Process", "Activated"), choice("StatusCode", "Draft", "InApproval", "Activated").readOnly(), text("ContractNumber", 30).counted(8, 99),
			text("Name", 80), day("StartDate"), day("EndDate").readOnly(), whole("ContractTerm"), ref("Pricebook2Id", "Pricebook2", "Pricebook2", "Contracts"), area("SpecialTerms", 4000),
			area("Description", 32000), ref("ActivatedById", "User", "ActivatedBy", "").readOnly(), moment("ActivatedDate").readOnly(), owner(),
		}, address("Billing"))},
		{name: "Quote", prefix: "0Q0", currency: true, fields: join([]field{
			text("Name", 255).must(), ref("OpportunityId", "Opportunity", "Opportunity", "Quotes").createOnly().must().withParent(), ref("AccountId", "Account", "Account", "Quotes").readOnly(),
			ref("ContactId", "Contact", "Contact", ""), text("QuoteNumber", 30).counted(8, 0), choice("Status", "Draft", "Needs Review", "In Review", "Approved", "Rejected", "Presented", "Accepted", "Denied"),
			check("IsSyncing").readOnly(), money("Subtotal").readOnly(), percent("Discount").readOnly(), money("Tax"), money("ShippingHandling"), money("TotalPrice").readOnly(),
			money("GrandTotal").readOnly(), day("ExpirationDate"), text("BillingName", 255), area("Description", 32000), owner(),
			ref("Pricebook2Id", "Pricebook2", "Pricebook2", "Quotes"), ref("ContractId", "Contract", "Contract", "Quotes"), whole("LineItemCount").readOnly(),
			email("Email"), phone("Phone"), phone("Fax"), text("ShippingName", 255), text("QuoteToName", 255),
		}, address("Billing"), address("Shipping"), address("QuoteTo"))},
		{name: "QuoteLineItem", prefix: "0QL", currency: true, fields: []field{
			ref("QuoteId", "Quote", "Quote", "QuoteLineItems").createOnly().must().withParent(), ref("Product2Id", "Product2", "Product2", "QuoteLineItems").createOnly(),
			ref("PricebookEntryId", "PricebookEntry", "PricebookEntry", "QuoteLineItems").createOnly(), text("LineNumber", 255).counted(8, 0), decimals("Quantity", kindNumber, 12, 2).must(),
			percent("Discount"), money("UnitPrice").must(), money("ListPrice").readOnly(), money("Subtotal").readOnly(), money("TotalPrice").readOnly(), day("ServiceDate"),
			text("Description", 255), whole("SortOrder"),
		}},
		{name: "Order", prefix: "801", currency: true, fields: join([]field{
			ref("AccountId", "Account", "Account", "Orders").withParent(), ref("OpportunityId", "Opportunity", "Opportunity", "Orders"), day("EffectiveDate").must(), day("EndDate"),
			choice("Status", "Draft", "Activated").must(), choice("StatusCode", "Draft", "Activated").readOnly(), text("OrderNumber", 30).counted(8, 99), money("TotalAmount").readOnly(),
			text("PoNumber", 80), ref("BillToContactId", "Contact", "BillToContact", ""), ref("Pricebook2Id", "Pricebook2", "Pricebook2", "Orders"), area("Description", 32000), owner(),
			ref("ContractId", "Contract", "Contract", "Orders"), ref("QuoteId", "Quote", "Quote", "Orders"), ref("OriginalOrderId", "Order", "OriginalOrder", "Orders").createOnly(),
			ref("ShipToContactId", "Contact", "ShipToContact", ""), check("IsReductionOrder").createOnly(), choice("Type"), text("Name", 80), day("PoDate"),
			text("OrderReferenceNumber", 80), ref("ActivatedById", "User", "ActivatedBy", "").readOnly(), moment("ActivatedDate").readOnly(),
		}, address("Billing"), address("Shipping"))},
		{name: "OrderItem", prefix: "802", plural: "Order Products", currency: true, fields: []field{
			ref("OrderId", "Order", "Order", "OrderItems").createOnly().must().withParent(), ref("Product2Id", "Product2", "Product2", "OrderItems").createOnly(),
			ref("PricebookEntryId", "PricebookEntry", "PricebookEntry", "OrderItems").createOnly(), text("OrderItemNumber", 30).counted(10, 0), decimals("Quantity", kindNumber, 18, 2).must(),
			money("UnitPrice").must(), money("ListPrice").readOnly(), money("TotalPrice").readOnly(), day("ServiceDate"), day("EndDate"), text("Description", 255),
			ref("OriginalOrderItemId", "OrderItem", "OriginalOrderItem", "ChildOrderItems").createOnly(), ref("QuoteLineItemId", "QuoteLineItem", "QuoteLineItem", "OrderItems"),
			decimals("AvailableQuantity", kindNumber, 18, 2).readOnly(),
		}},
	}
}

func organisation(multiCurrency bool) []definition {
	all := []definition{
		{name: "User", prefix: "005", fields: []field{
			text("Username", 80).must(), text("LastName", 80).must(), text("FirstName", 40), text("Name", 121).readOnly(), email("Email").must(), text("CompanyName", 80), text("Title", 80),
			check("IsActive").otherwise(true), text("Alias", 8), text("TimeZoneSidKey", 40).otherwise("Pacific/Auckland"), text("LanguageLocaleKey", 40).otherwise("en_US"), choice("UserType").readOnly().otherwise("Standard"),
			ref("ProfileId", "Profile", "Profile", "Users"), ref("UserRoleId", "UserRole", "UserRole", ""), ref("ManagerId", "User", "Manager", ""), choice("DefaultCurrencyIsoCode"),
		}},
		{name: "Profile", prefix: "00e", fields: []field{text("Name", 255).must(), text("Description", 255), choice("UserType").readOnly().otherwise("Standard")}},
		{name: "UserRole", prefix: "00E", fields: []field{text("Name", 80).must(), text("DeveloperName", 80), ref("ParentRoleId", "UserRole", "ParentRole", "")}},
		{name: "RecordType", prefix: "012", fields: []field{
			translatedText("Name", 80).must(), text("DeveloperName", 80).must(), text("NamespacePrefix", 15).readOnly(), text("Description", 255), base("BusinessProcessId", kindReference, 18),
			choice("SobjectType").must(), check("IsActive"), check("IsPersonType").readOnly(),
		}},
		{name: "OpportunityStage", prefix: "01J", fields: []field{
			text("MasterLabel", 255).must(), text("ApiName", 255).must(), check("IsActive"), whole("SortOrder"), check("IsClosed"), check("IsWon"),
			choice("ForecastCategory"), choice("ForecastCategoryName"), decimals("DefaultProbability", kindPercent, 3, 0), text("Description", 255),
		}},
		{name: "Organization", prefix: "00D", fields: []field{
			text("Name", 80).must(), text("Division", 80), area("Street", 255), text("City", 40), text("State", 80), text("PostalCode", 20), text("Country", 80), text("PrimaryContact", 80),
			phone("Phone"), choice("DefaultCurrencyIsoCode").readOnly(), text("TimeZoneSidKey", 40), text("LanguageLocaleKey", 40), choice("OrganizationType").readOnly(),
			text("InstanceName", 5).readOnly(), check("IsSandbox").readOnly(), text("NamespacePrefix", 15).readOnly(), whole("FiscalYearStartMonth").otherwise(decimal.NewFromInt(1)),
			check("UsesStartDateAsFiscalYearName").readOnly(), moment("TrialExpirationDate").readOnly(),
		}},
	}
	if multiCurrency {
		all = append(all, currencyType())
	}
	return all
}

func currencyType() definition {
	return definition{name: "CurrencyType", prefix: "01L", fields: []field{
		text("IsoCode", 3).must().createOnly(), decimals("ConversionRate", kindNumber, 18, 6).must(), whole("DecimalPlaces"), check("IsActive"), check("IsCorporate"),
	}}
}
