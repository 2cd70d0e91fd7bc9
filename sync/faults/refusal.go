package faults

import (
	"net/http"
	"strconv"
	"strings"
)

// text is an answer as a service words it.
type text struct{ kind, body string }

const (
	plain = "text/plain; charset=utf-8"
	html  = "text/html; charset=utf-8"
	jason = "application/json; charset=utf-8"
)

// refusal is the answer of a status fault, in the manner of the service whose path was called.
func refusal(f Fault, path string) *recorder {
	status := f.Status
	if status == 0 {
		status = http.StatusServiceUnavailable
	}
	r := &recorder{header: http.Header{}, status: status}
	var t text
	switch {
	case f.Body != "":
		t = text{bodyKind(f.Body), f.Body}
	case strings.HasPrefix(path, "/api.xro/"):
		t = xeroText(status)
		limitHeaders(r.header, f, status)
	case strings.HasSuffix(path, "/token"):
		t = tokenText(status)
	case strings.HasPrefix(path, "/services/"):
		t = salesforceText(status)
	default:
		t = gatewayText(status)
	}
	if f.RetryAfter > 0 {
		r.header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	if f.Problem != "" {
		r.header.Set("X-Rate-Limit-Problem", f.Problem)
	}
	if mayHaveBody(status) {
		r.header.Set("Content-Type", t.kind)
		r.body.WriteString(t.body)
	}
	return r
}

func bodyKind(body string) string {
	switch {
	case strings.HasPrefix(body, "{"), strings.HasPrefix(body, "["):
		return jason
	case strings.HasPrefix(body, "<"):
		return html
	}
	return plain
}

// limitHeaders says which of Xero's limits is used up. A concurrency 429 names none.
func limitHeaders(h http.Header, f Fault, status int) {
	if status != http.StatusTooManyRequests {
		return
	}
	switch strings.ToLower(f.Problem) {
	case "minute":
		h.Set("X-MinLimit-Remaining", "0")
	case "day":
		h.Set("X-DayLimit-Remaining", "0")
	case "appminute":
		h.Set("X-AppMinLimit-Remaining", "0")
	}
}

// xeroText: 404 and 413 come as HTML, outages as plain text or a gateway's page,
// and the body of a 429 is not specified.
func xeroText(status int) text {
	switch status {
	case http.StatusBadRequest:
		return text{jason, `{"ErrorNumber":17,"Type":"PostDataInvalidException","Message":"The request could not be processed"}`}
	case http.StatusUnauthorized:
		return text{jason, `{"Type":null,"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired at 08/12/2022 07:00:40","Instance":"2f1b0a6c-0000-4000-8000-000000000401","Extensions":{}}`}
	case http.StatusForbidden:
		return text{jason, `{"Type":null,"Title":"Forbidden","Status":403,"Detail":"AuthenticationUnsuccessful","Instance":"2f1b0a6c-0000-4000-8000-000000000403","Extensions":{}}`}
	case http.StatusNotFound:
		return text{html, "The resource you're looking for cannot be found"}
	case http.StatusTooManyRequests:
		return text{plain, ""}
	case http.StatusInternalServerError:
		return text{jason, `{"Type":null,"Title":"An error occurred","Status":500,"Detail":"An error occurred in Xero. Check the API Status page http://status.developer.xero.com for current service status.","Instance":"2f1b0a6c-0000-4000-8000-000000000500","Extensions":{}}`}
	case http.StatusServiceUnavailable:
		return text{plain, "The Xero API is temporarily unavailable"}
	}
	return gatewayText(status)
}

// tokenText is an OAuth error; a server that is down does not speak OAuth.
func tokenText(status int) text {
	switch status {
	case http.StatusBadRequest:
		return text{jason, `{"error":"invalid_grant","error_description":"authentication failure"}`}
	case http.StatusUnauthorized:
		return text{jason, `{"error":"invalid_client","error_description":"invalid client credentials"}`}
	}
	return gatewayText(status)
}

// salesforceText is a list of errors; 406, 420 and 429 come from the edge, without a body.
func salesforceText(status int) text {
	row := func(code, message string) text {
		return text{jason, `[{"message":"` + message + `","errorCode":"` + code + `"}]`}
	}
	switch status {
	case http.StatusBadRequest:
		return row("UNKNOWN_EXCEPTION", "The request could not be processed")
	case http.StatusUnauthorized:
		return row("INVALID_SESSION_ID", "Session expired or invalid")
	case http.StatusForbidden:
		return row("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	case http.StatusNotFound:
		return row("NOT_FOUND", "The requested resource does not exist")
	case http.StatusInternalServerError:
		return row("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1)")
	case http.StatusServiceUnavailable:
		return row("SERVER_UNAVAILABLE", "The server is temporarily unavailable")
	case http.StatusNotAcceptable, 420, http.StatusTooManyRequests:
		return text{plain, ""}
	}
	return gatewayText(status)
}

// gatewayText is the page that whatever stands before a service shows.
func gatewayText(status int) text {
	name := strconv.Itoa(status) + " " + http.StatusText(status)
	return text{html, "<html>\r\n<head><title>" + name + "</title></head>\r\n<body>\r\n<center><h1>" + name + "</h1></center>\r\n</body>\r\n</html>\r\n"}
}
