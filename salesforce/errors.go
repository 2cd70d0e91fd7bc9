package salesforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"sf2xero/sync/remote"
)

const apiName = "Salesforce"

// A complaint is one element of Salesforce's error array. The code is called errorCode there, statusCode in the rows of
// sObject Collections.
type complaint struct {
	ErrorCode, StatusCode, Message string
	Fields                         []string
}

func (c complaint) code() string {
	if c.ErrorCode != "" {
		return c.ErrorCode
	}
	return c.StatusCode
}

// refusal makes the error of an answer that is not 2xx. The body may be anything: an array of complaints, an empty one,
// null, a page of HTML, the half of something.
func refusal(op string, status int, header http.Header, body []byte, soql string) *remote.Error {
	var complaints []complaint
	_ = json.Unmarshal(body, &complaints) // what is not an array of complaints says nothing that could be used
	e := complain(op, status, complaints, soql)
	e.Class, e.Remedy = classify(status, e.Code)
	e.RequestID = header.Get("X-Request-Id")
	e.RetryAfter = remote.RetryAfter(header, time.Now())
	if e.Code == limitExceeded && e.RetryAfter == 0 && !strings.Contains(e.Message, "Concurrent") {
		// The day's calls come back one by one within 24 hours. Asking on would spend them on refusals.
		e.RetryAfter = spentQuota
	}
	return e
}

// rowRefusal makes the error of one row of a collection that otherwise went through.
func rowRefusal(op string, complaints []complaint) *remote.Error {
	e := complain(op, http.StatusOK, complaints, "")
	e.Class, e.Remedy = classifyRow(e.Code)
	return e
}

func complain(op string, status int, complaints []complaint, soql string) *remote.Error {
	e := &remote.Error{API: apiName, Op: op, Status: status, Sent: true}
	var messages []string
	for _, c := range complaints {
		if e.Code == "" {
			e.Code = c.code()
		}
		e.Fields = append(e.Fields, c.Fields...)
		m := c.Message
		if len(c.Fields) > 0 && !strings.Contains(m, c.Fields[0]) {
			m += " (" + strings.Join(c.Fields, ", ") + ")"
		}
		messages = append(messages, readable(m, soql))
	}
	e.Message = strings.Join(messages, "; ")
	if e.Message == "" {
		e.Message = fmt.Sprintf("it answered %d %s and gave no reason", status, http.StatusText(status))
	}
	return e
}

var (
	noSuchColumn = regexp.MustCompile(`No such column '([^']+)' on (?:entity|sobject of type) '?(\w+)`)
	noSuchParent = regexp.MustCompile(`Didn't understand relationship '([^']+)'`)
	atRowColumn  = regexp.MustCompile(`(?s)^.*ERROR at Row:\d+:Column:\d+\s*`)
)

// readable keeps of a message what a person can use. Salesforce quotes the query in it, and a query may name customers.
func readable(message, soql string) string {
	if m := noSuchColumn.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s has no field %s, or it is hidden from the integration user", m[2], m[1])
	}
	if m := noSuchParent.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("there is no relationship %s, or it is hidden from the integration user", m[1])
	}
	message = atRowColumn.ReplaceAllString(message, "")
	for _, secret := range literals(soql) {
		if len(secret) > 2 { // not a letter that every word has
			message = strings.ReplaceAll(message, secret, "…")
		}
	}
	message = strings.Join(strings.Fields(message), " ")
	if runes := []rune(message); len(runes) > 500 {
		message = string(runes[:500]) + "…"
	}
	return message
}

const (
	remedyField   = "Correct the field's name in the mapping, or let the integration user's permission set see and edit it."
	remedyObject  = "Correct the object's name in the mapping, switch its feature on, or give the integration user's permission set access to it."
	remedyData    = "Correct the value in Salesforce, or what the mapping makes of it."
	remedyRule    = "A rule of the organisation refuses the change: let the integration user past it, or correct the record."
	remedyWait    = "It is tried again by itself."
	limitExceeded = "REQUEST_LIMIT_EXCEEDED"
	spentQuota    = 15 * time.Minute
	expired       = "INVALID_SESSION_ID"
	lostLocator   = "INVALID_QUERY_LOCATOR"
)

// classify says what an answer means for the whole call. Salesforce's code decides; the status only where there is none.
func classify(status int, code string) (remote.Class, string) {
	switch code {
	case expired:
		return remote.Auth, "Check that the integration user is active and that its sessions may use the API."
	case limitExceeded:
		return remote.Throttled, "The organisation's API calls of 24 hours are used up, by all its integrations together: wait, find the one that spends them, or buy more."
	case "TOO_MANY_REQUESTS":
		return remote.Throttled, remedyWait
	case "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "PROCESSING_HALTED", lostLocator:
		return remote.Retry, remedyWait
	case "MALFORMED_QUERY", "INVALID_QUERY_FILTER_OPERATOR", "QUERY_TOO_COMPLICATED":
		return remote.BadConfig, "Correct where: and order: of this object in the mapping."
	case "INVALID_TYPE":
		return remote.BadConfig, remedyObject
	case "INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE":
		return remote.BadConfig, remedyField
	case "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY":
		return remote.BadConfig, "Give the integration user's permission set access to the object and its records (View All)."
	case "API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG":
		return remote.BadConfig, "The edition or the integration user has no API access: switch on “API Enabled” for the user, or add API access to the edition."
	case "INVALID_OPERATION_WITH_EXPIRED_PASSWORD":
		return remote.Auth, "Set a new password for the integration user, with one that never expires."
	case "TXN_SECURITY_METERING_ERROR":
		return remote.BadConfig, "Exempt the integration user from Transaction Security policies."
	case "JSON_PARSER_ERROR", "DUPLICATE_VALUE", "STRING_TOO_LONG":
		return remote.BadRecord, remedyData
	}
	switch {
	case status == http.StatusUnauthorized:
		return remote.Auth, "Check salesforce.client_id and the app's integration user."
	case status == http.StatusNotFound, status == http.StatusGone:
		return remote.BadConfig, "Set salesforce.api_version to a version that the organisation's /services/data lists."
	case status == http.StatusTooManyRequests, status == 420:
		return remote.Throttled, remedyWait // from the network in front of Salesforce, like 406
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusNotAcceptable:
		return remote.Retry, remedyWait
	case status >= 300 && status < 400:
		return remote.BadConfig, "Set salesforce.login_url to the organisation's own My Domain address."
	}
	return remote.BadConfig, "See what Salesforce says, and ask its administrator."
}

// classifyRow says what the refusal of one row means. Unlike classify it takes a lack of access for the record's trouble,
// not for everybody's: sharing and locks differ from record to record.
func classifyRow(code string) (remote.Class, string) {
	switch code {
	case "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK":
		return remote.Retry, remedyWait
	case "INVALID_TYPE":
		return remote.BadConfig, remedyObject
	case "INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE":
		return remote.BadConfig, remedyField
	case "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY":
		return remote.BadRecord, "Let the integration user edit this record: sharing, record type or a closed period keeps it out."
	case "ENTITY_IS_LOCKED":
		return remote.BadRecord, "The record is locked by an approval: unlock it, or let the integration user edit locked records; it is tried again."
	case "FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":
		return remote.BadRecord, remedyRule
	case "ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID":
		return remote.BadRecord, "The record was deleted or merged in Salesforce: nothing to do, or restore it."
	}
	return remote.BadRecord, remedyData
}

// unreadable is the error of an answer that said 2xx and cannot be understood: cut short, or a page of something else.
// Asking again is safe, since all that is asked of Salesforce may be asked twice.
func unreadable(op string, err error) *remote.Error {
	return &remote.Error{
		API: apiName, Op: op, Class: remote.Retry, Status: http.StatusOK, Sent: true,
		Message: "its answer was cut short or is not what was asked for", Remedy: remedyWait, Err: err,
	}
}
