package salesforcetest

import "strings"

// actObject is what an organisation has once its admin has made the object by which the daemons of one company know of each
// other. It is a custom object like any: nothing here knows what it is for.
func actObject() definition {
	return definition{name: "Xero_Act__c", prefix: "a0X", plural: "Xero Acts", custom: true, fields: []field{
		text("Name", 80).readOnly().otherwise("A-00000"), ref("OwnerId", "User", "Owner", ""),
		text("Key__c", 255).only().minding().ours(), text("Token__c", 36).ours(),
		text("Kind__c", 40).ours(), text("State__c", 40).ours(), text("Holder__c", 255).ours(),
		decimals("Attempts__c", kindNumber, 18, 0).ours(), text("Who__c", 255).ours(), area("Because__c", 32768).ours(), text("Shown_Hash__c", 64).ours(),
		text("Xero_Id__c", 36).ours(), moment("Beat__c").ours(),
	}}
}

// madeByHand are the custom objects that an export tells of by the name of its file alone: a file without rows says nothing
// of its columns' types, nor which of them is unique.
func madeByHand(name string) (definition, bool) {
	if d := actObject(); strings.EqualFold(name, d.name) {
		return d, true
	}
	return definition{}, false
}
