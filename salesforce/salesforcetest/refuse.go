package salesforcetest

import (
	"encoding/json"
	"net/http"
)

// A refusal is Salesforce's error body: [{"message","errorCode","fields"}].
type refusal struct {
	status  int
	code    string
	message string
	fields  []string
}

func refuse(status int, code, message string, fields ...string) *refusal {
	return &refusal{status, code, message, fields}
}

func badRequest(code, message string, fields ...string) *refusal {
	return refuse(http.StatusBadRequest, code, message, fields...)
}

func notFound() *refusal {
	return refuse(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}

func notAllowed(method, allowed string) *refusal {
	return refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '"+method+"' not allowed. Allowed are "+allowed)
}

// restError is the shape of single requests; in collections the code's key is statusCode.
type restError struct {
	Message   string   `json:"message"`
	ErrorCode string   `json:"errorCode"`
	Fields    []string `json:"fields,omitempty"`
}

func (r *refusal) rest() []restError {
	return []restError{{r.message, r.code, r.fields}}
}

func (r *refusal) answer() answer { return jsonAnswer(r.status, r.rest()) }

func jsonAnswer(status int, v any) answer {
	b, err := json.Marshal(v)
	if err != nil {
		return answer{status: http.StatusInternalServerError, body: []byte(`[{"message":"An unexpected error occurred","errorCode":"UNKNOWN_EXCEPTION"}]`)}
	}
	return answer{status: status, body: b}
}
