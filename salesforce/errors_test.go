package salesforce

import (
	"net/http"
	"strings"
	"testing"

	"sf2xero/sync/remote"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	soql := `SELECT Id FROM Opportunity WHERE Account.Name = 'Acme & Sons' AND Foo__c = 'x'`
	for _, c := range []struct {
		status int
		body   string
		class  remote.Class
		text   string
	}{
		{400, `[{"message":"\nSELECT Id, Foo__c FROM Opportunity\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo__c' on entity 'Opportunity'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.","errorCode":"INVALID_FIELD"}]`,
			remote.BadConfig, "Opportunity has no field Foo__c, or it is hidden from the integration user (HTTP 400, INVALID_FIELD, request req-7). Correct the field's name in the mapping, or let"},
		{400, `[{"message":"No such column 'Foo__c' on sobject of type Account","errorCode":"INVALID_FIELD"}]`,
			remote.BadConfig, "Account has no field Foo__c, or it is hidden"},
		{400, `[{"message":"\nSELECT Acount.Name FROM Opportunity\n       ^\nERROR at Row:1:Column:8\nDidn't understand relationship 'Acount' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.","errorCode":"INVALID_FIELD"}]`,
			remote.BadConfig, "there is no relationship Acount"},
		{400, `[{"message":"\nWHERE Account.Name = 'Acme & Sons' AND Foo__c = 'x'\n                                 ^\nERROR at Row:1:Column:60\nunexpected token: 'Acme & Sons'","errorCode":"MALFORMED_QUERY"}]`,
			remote.BadConfig, "Op: unexpected token: '…' (HTTP 400, MALFORMED_QUERY, request req-7). Correct where: and order:"},
		{400, `[{"message":"sObject type 'Oportunity' is not supported.","errorCode":"INVALID_TYPE"}]`,
			remote.BadConfig, "'Oportunity' is not supported"},
		{400, `[{"message":"one","errorCode":"STRING_TOO_LONG","fields":["Name"]},{"message":"two","errorCode":"REQUIRED_FIELD_MISSING"}]`,
			remote.BadRecord, "one (Name); two (HTTP 400, STRING_TOO_LONG, request req-7)"},
		{400, `[{"message":"Your query request was running for too long.","errorCode":"QUERY_TIMEOUT"}]`, remote.Retry, "too long"},
		{500, `[{"message":"x","errorCode":"UNKNOWN_EXCEPTION"}]`, remote.Retry, "UNKNOWN_EXCEPTION"},
		{403, `[{"message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`, remote.Throttled, "Concurrent"},
		{403, `[{"message":"x","errorCode":"TXN_SECURITY_METERING_ERROR"}]`, remote.BadConfig, "Transaction Security"},
		{400, `[{"message":"` + strings.Repeat("long ", 300) + `","errorCode":"SOMETHING_NEW"}]`, remote.BadConfig, "… (HTTP 400, SOMETHING_NEW, request req-7)"},
	} {
		e := refusal("Op", c.status, http.Header{"X-Request-Id": {"req-7"}}, []byte(c.body), soql)
		if e.Class != c.class || !strings.Contains(e.Error(), c.text) || !strings.Contains(e.Error(), "request req-7") {
			t.Errorf("%s\nis %v: %v\nwant %v: %s", c.body, e.Class, e, c.class, c.text)
		}
		if strings.Contains(e.Error(), "Acme") || strings.Contains(e.Error(), "SELECT") {
			t.Errorf("the query shows in: %v", e)
		}
	}
}

func TestRowRefusals(t *testing.T) {
	t.Parallel()
	for code, class := range map[string]remote.Class{
		"UNABLE_TO_LOCK_ROW":                            remote.Retry,
		"UNKNOWN_EXCEPTION":                             remote.Retry,
		"INVALID_FIELD":                                 remote.BadConfig,
		"INVALID_FIELD_FOR_INSERT_UPDATE":               remote.BadConfig,
		"INSUFFICIENT_ACCESS_OR_READONLY":               remote.BadRecord,
		"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": remote.BadRecord,
		"ENTITY_IS_LOCKED":                              remote.BadRecord,
		"ENTITY_IS_DELETED":                             remote.BadRecord,
		"FIELD_CUSTOM_VALIDATION_EXCEPTION":             remote.BadRecord,
		"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":          remote.BadRecord,
		"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST":       remote.BadRecord,
		"STRING_TOO_LONG":                               remote.BadRecord,
		"DUPLICATE_VALUE":                               remote.BadRecord,
		"SOMETHING_NEW":                                 remote.BadRecord,
	} {
		e := rowRefusal("update Opportunity 006", []complaint{{StatusCode: code, Message: "because"}})
		if e.Class != class || e.Code != code || e.Message != "because" || e.Remedy == "" {
			t.Errorf("%s: %v %v; want %v", code, e.Class, e, class)
		}
	}
}
