package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"sf2xero/sync/remote"
)

// NewRow is a row that is to be made.
type NewRow struct {
	Object string
	Fields json.RawMessage // an object: field name to value
}

// Inserted is what became of one new row.
type Inserted struct {
	ID        string        // of the row; empty when it was not made
	Duplicate bool          // another row has its value of a unique field: an answer, not a failure
	Err       *remote.Error // why else it was not made, or why nobody knows whether it was
}

// Insert makes rows, each for itself. It is the one thing asked of Salesforce that is asked once: a call that was sent and
// not answered may have made its rows, and asked again would find itself a duplicate. Whoever gets an error with Sent set
// reads whether the row is there. If a call fails as a whole, its error is returned too, and its rows and those not sent
// yet carry it.
func (c *Client) Insert(ctx context.Context, rows []NewRow) ([]Inserted, error) {
	results := make([]Inserted, len(rows))
	for first := 0; first < len(rows); first += rowsPerCollection {
		part := rows[first:min(first+rowsPerCollection, len(rows))]
		if err := c.insert(ctx, part, results[first:first+len(part)]); err != nil {
			for i := first + len(part); i < len(rows); i++ {
				results[i].Err = &remote.Error{API: apiName, Op: "insert " + rows[i].Object, Class: remote.Retry, Message: "not sent: a call before it failed", Err: err}
			}
			return results, err
		}
	}
	return results, nil
}

func (c *Client) insert(ctx context.Context, rows []NewRow, results []Inserted) error {
	op := "insert " + rows[0].Object
	body, err := newCollection(rows)
	if err == nil {
		body, err = c.once(ctx, op, http.MethodPost, c.path("composite/sobjects"), body, true)
	}
	var answers []struct {
		ID      string `json:"id"`
		Success bool
		Errors  []complaint
	}
	if err == nil && (json.Unmarshal(body, &answers) != nil || len(answers) != len(rows)) {
		err = unreadable(op, errors.New("not one result for each row"))
	}
	for i := range rows {
		switch {
		case err != nil:
			var e *remote.Error
			if !errors.As(err, &e) {
				e = &remote.Error{API: apiName, Class: remote.Retry, Sent: true, Message: "stopped before it was known to be done", Err: err}
			}
			results[i].Err = e
		case answers[i].Success:
			results[i].ID, err = ID18(answers[i].ID)
			if err != nil {
				err = unreadable(op, err)
				results[i].Err = err.(*remote.Error)
			}
		default:
			e := rowRefusal(op, answers[i].Errors)
			if results[i].Duplicate = e.Code == duplicateValue; !results[i].Duplicate {
				results[i].Err = e
			}
		}
	}
	return err
}

// duplicateValue is Salesforce's answer to a second row with one value of a unique field. DUPLICATES_DETECTED is another
// thing: a rule of the organisation that finds two rows alike.
const duplicateValue = "DUPLICATE_VALUE"

func newCollection(rows []NewRow) ([]byte, error) {
	var body bytes.Buffer
	body.WriteString(`{"allOrNone":false,"records":[`)
	for n, r := range rows {
		if r.Object == "" || !json.Valid(r.Fields) || !isObject(bytes.TrimSpace(r.Fields)) {
			return nil, &remote.Error{API: apiName, Op: "insert " + r.Object, Class: remote.BadRecord,
				Message: fmt.Sprintf("row %d of what is to be inserted has no object, or its fields are not a JSON object", n+1)}
		}
		if n > 0 {
			body.WriteByte(',')
		}
		body.Write(Update{Object: r.Object, Fields: r.Fields}.wire())
	}
	body.WriteString(`]}`)
	return body.Bytes(), nil
}
