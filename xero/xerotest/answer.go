package xerotest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// answer is an HTTP answer as data, so that the idempotency store can keep and repeat it.
type answer struct {
	status      int
	contentType string
	header      map[string]string
	body        []byte
}

const (
	typeJSON = "application/json; charset=utf-8"
	typeHTML = "text/html; charset=utf-8"
	typeXML  = "text/xml; charset=utf-8"
)

func (o *Organisation) write(w http.ResponseWriter, a *answer) {
	h := w.Header()
	for name, value := range a.header {
		h.Set(name, value)
	}
	o.mu.Lock()
	o.answers++
	h.Set("Xero-Correlation-Id", o.named("correlation", fmt.Sprint(o.answers)))
	h.Set("Date", o.now().Format(http.TimeFormat)) // Xero's clock, which need not be this machine's
	o.mu.Unlock()
	if a.contentType != "" {
		h.Set("Content-Type", a.contentType)
	}
	w.WriteHeader(a.status)
	if len(a.body) > 0 {
		_, _ = w.Write(a.body) // a client that is gone cannot be told
	}
}

// copy is for headers of one call, such as limits, that must not stay on a kept answer.
func (a *answer) copy() *answer {
	c := *a
	c.header = maps.Clone(a.header)
	return &c
}

// with adds a header.
func (a *answer) with(name, value string) *answer {
	if a.header == nil {
		a.header = make(map[string]string)
	}
	a.header[name] = value
	return a
}

func jsonAnswer(status int, v any) *answer {
	body, err := json.Marshal(v)
	if err != nil {
		return serverError()
	}
	return &answer{status: status, contentType: typeJSON, body: body}
}

// notFound is Xero's 404: HTML, not JSON, whatever the client accepts.
func notFound() *answer {
	return &answer{status: http.StatusNotFound, contentType: typeHTML, body: []byte("The resource you're looking for cannot be found")}
}

// problem is the shape of 401, 403 and 500, which never reach the Accounting API's own code.
func (o *Organisation) problem(status int, title, detail string) *answer {
	return jsonAnswer(status, struct {
		Type       *string
		Title      string
		Status     int
		Detail     string
		Instance   string
		Extensions struct{}
	}{Title: title, Status: status, Detail: detail, Instance: o.named("problem", title, detail)})
}

func serverError() *answer {
	return &answer{status: http.StatusInternalServerError, contentType: typeJSON,
		body: []byte(`{"Title":"An error occurred","Detail":"An error occurred in Xero. Check the API Status page http://status.developer.xero.com for current service status.","Status":500,"Instance":"` + zeroID + `"}`)}
}

// exception is the outer shape of every 400 and 501 of the Accounting API.
type exception struct {
	ErrorNumber int
	Type        string
	Message     string
	Elements    []json.RawMessage `json:",omitempty"`
}

func validationException(elements []json.RawMessage) *answer {
	return jsonAnswer(http.StatusBadRequest, exception{10, "ValidationException", "A validation exception occurred", elements})
}

func validationText(text string) *answer {
	return jsonAnswer(http.StatusBadRequest, exception{10, "ValidationException", text, nil})
}

func postDataInvalid(text string) *answer {
	return jsonAnswer(http.StatusBadRequest, exception{14, "PostDataInvalidException", text, nil})
}

func queryParse(text string) *answer {
	return jsonAnswer(http.StatusBadRequest, exception{16, "QueryParseException", text, nil})
}

func notImplemented() *answer {
	return jsonAnswer(http.StatusNotImplemented, exception{20, "ApiMethodNotImplementedException", "The Api Method called is not implemented", nil})
}

// envelope is what stands around the elements of every answer of the Accounting API; size is about what they take.
func (o *Organisation) envelope(r *request, name string, pages *pagination, size int, elements func([]byte) []byte) *answer {
	b := make([]byte, 0, 512+size)
	b = append(b, `{"Id":`...)
	o.answers++
	b = appendText(b, o.named("answer", fmt.Sprint(o.answers)))
	b = append(b, `,"Status":"OK","ProviderName":`...)
	b = appendText(b, r.app.name)
	b = append(b, `,"DateTimeUTC":`...)
	b = appendStamp(b, r.now)
	if pages != nil {
		b = fmt.Appendf(b, `,"pagination":{"page":%d,"pageSize":%d,"pageCount":%d,"itemCount":%d}`, pages.page, pages.size, pages.count, pages.items)
	}
	b = append(b, ',')
	b = appendText(b, name)
	b = append(b, ":["...)
	b = elements(b)
	b = append(b, "]}"...)
	return &answer{status: http.StatusOK, contentType: typeJSON, body: b}
}

// negotiate turns an answer into XML unless the client asked for JSON: XML is this API's default. The XML twin carries
// the envelope alone, which is enough for a client that forgot its Accept header to notice.
func negotiate(accept string, a *answer, now time.Time) *answer {
	if a.contentType != typeJSON {
		return a
	}
	for _, part := range strings.Split(strings.ToLower(accept), ",") {
		media, _, _ := strings.Cut(part, ";")
		if strings.TrimSpace(media) == "application/json" || strings.TrimSpace(media) == "text/json" {
			return a
		}
	}
	x := *a
	x.contentType = typeXML
	if a.status < 400 {
		x.body = fmt.Appendf(nil, `<Response xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Status>OK</Status><DateTimeUTC>%s</DateTimeUTC></Response>`, now.Format("2006-01-02T15:04:05.0000000Z"))
	} else {
		x.body = fmt.Appendf(nil, `<ApiException xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Message>Send Accept: application/json to read this refusal (%d)</Message></ApiException>`, a.status)
	}
	return &x
}
