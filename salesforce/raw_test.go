package salesforce

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestAppendClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ give, want string }{
		{`{"attributes":{"type":"Account","url":"/x"},"Id":"1"}`, `{"Id":"1"}`},
		{`{"Id":"1" , "attributes" : {"type":"A"} }`, `{"Id":"1"}`},
		{`{"attributes":{"type":"A"}}`, `{}`},
		{`{ "a" : [ 1 , { "attributes" : {} , "b" : null } , [ ] ] }`, `{"a":[1,{"b":null},[]]}`},
		{`{"attributes":"a text stays"}`, `{"attributes":"a text stays"}`},
		{`{"Amount":1.5E7,"Big":9007199254740993.01,"Trail":1.10,"Neg":-0.00}`, `{"Amount":1.5E7,"Big":9007199254740993.01,"Trail":1.10,"Neg":-0.00}`},
		{`{"Name":"Müller \"& Co\" {[,]}: \\","Ü":"\u00fc\n"}`, `{"Name":"Müller \"& Co\" {[,]}: \\","Ü":"\u00fc\n"}`},
		{`{"Na\u006de":1,"\"":2}`, `{"Name":1,"\"":2}`},
		{` true`, ` true`},
	} {
		if got := string(appendClean(nil, []byte(c.give))); got != c.want {
			t.Errorf("appendClean(%s) = %s; want %s", c.give, got, c.want)
		}
	}
}

// Whatever valid JSON comes: what is written is valid JSON, and without `attributes` in it the same as json.Compact gives.
func FuzzAppendClean(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\\\""}],"":{}}`))
	f.Fuzz(func(t *testing.T, give []byte) {
		if !json.Valid(give) {
			return
		}
		give = bytes.TrimSpace(give)
		got := appendClean(nil, give)
		if !json.Valid(got) {
			t.Fatalf("%s became %s", give, got)
		}
		if bytes.ContainsRune(give, '\\') || bytes.Contains(give, []byte("attributes")) || !isASCII(give) {
			return // names are written anew, which may spell them differently
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, give); err != nil || !bytes.ContainsAny(give, "<>&") && compact.String() != string(got) {
			t.Fatalf("%s became %s; want %s", give, got, compact.String())
		}
	})
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x7f {
			return false
		}
	}
	return true
}

func TestReadPage(t *testing.T) {
	t.Parallel()
	of := &Select{From: "Opportunity", Children: []Select{{Relationship: "OpportunityLineItems"}}}
	body := `{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-2","records":[
		{"attributes":{"type":"Opportunity"},"Id":"006D000000IqhSL","SystemModstamp":"2026-11-21T10:00:00.000+0000","Amount":12.50,
		 "Account":{"attributes":{"type":"Account"},"BillingCountry":"NZ"},
		 "OpportunityLineItems":{"totalSize":2,"done":true,"records":[
			{"attributes":{"type":"OpportunityLineItem"},"Id":"00kD000000IqhSL","SystemModstamp":"2026-11-21T11:00:00Z","Quantity":1.0},
			{"attributes":{"type":"OpportunityLineItem"},"Id":"00kD000000IqhSM","SystemModstamp":"2026-11-21T09:00:00.000+0000","Quantity":2}]}},
		{"attributes":{"type":"Opportunity"},"Id":"006D000000IqhSM","SystemModstamp":"2026-11-21T10:30:00.5+0000","IsDeleted":true,"Account":null,"OpportunityLineItems":null}]}`
	p, err := readPage([]byte(body), of)
	if err != nil || len(p.rows) != 2 || len(p.open) != 0 || p.next != "/services/data/v66.0/query/01g-2" {
		t.Fatalf("readPage = %+v, %v", p, err)
	}
	first, err := p.rows[0].record(3, of)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Id":"006D000000IqhSL","SystemModstamp":"2026-11-21T10:00:00.000+0000","Amount":12.50,"Account":{"BillingCountry":"NZ"},` +
		`"OpportunityLineItems":[{"Id":"00kD000000IqhSL","SystemModstamp":"2026-11-21T11:00:00Z","Quantity":1.0},` +
		`{"Id":"00kD000000IqhSM","SystemModstamp":"2026-11-21T09:00:00.000+0000","Quantity":2}]}`
	if string(first.JSON) != want {
		t.Errorf("got  %s\nwant %s", first.JSON, want)
	}
	if first.Select != 3 || first.Object != "Opportunity" || first.ID != "006D000000IqhSLIAZ" || first.Deleted ||
		!first.Modstamp.Equal(time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("record %+v; want the line's later stamp and the long id", first)
	}
	second, err := p.rows[1].record(3, of)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Id":"006D000000IqhSM","SystemModstamp":"2026-11-21T10:30:00.5+0000","IsDeleted":true,"Account":null,"OpportunityLineItems":[]}`; string(second.JSON) != want || !second.Deleted {
		t.Errorf("got  %s\nwant %s", second.JSON, want)
	}
}

func TestReadPageRefusesWhatItCannotTrust(t *testing.T) {
	t.Parallel()
	of := &Select{From: "Opportunity", Children: []Select{{Relationship: "OpportunityLineItems"}}}
	for body, complaint := range map[string]string{
		`[]`:                          "without records",
		`null`:                        "without records",
		`{"records":null}`:            "without records",
		`{"done":false,"records":[]}`: "but not where",
		`{"done":false,"nextRecordsUrl":"https://elsewhere.example/x","records":[]}`:                                            "but not where",
		`{"records":[{"Name":"x","OpportunityLineItems":null}]}`:                                                                "without an Id",
		`{"records":[{"Id":"006D000000IqhSL"}]}`:                                                                                "without the children",
		`{"records":[{"Id":"006D000000IqhSL","OpportunityLineItems":{"done":true}}]}`:                                           "without records",
		`{"records":[{"Id":"006D000000IqhSL","OpportunityLineItems":{"done":false,"records":[]}}]}`:                             "but not where",
		`{"records":[{"Id":"006D000000IqhSL","SystemModstamp":"yesterday","OpportunityLineItems":null}]}`:                       "not a time",
		`{"records":[{"Id":"006D000000IqhSL","OpportunityLineItems":{"records":[{"Id":"00k","SystemModstamp":"yesterday"}]}}]}`: "not a time",
	} {
		if _, err := readPage([]byte(body), of); err == nil || !strings.Contains(err.Error(), complaint) {
			t.Errorf("readPage(%s): %v; want %q", body, err, complaint)
		}
	}
}

// Whatever valid JSON comes as a page: no panic, and what is made of its rows is JSON again.
func FuzzReadPage(f *testing.F) {
	f.Add([]byte(`{"done":true,"records":[{"Id":"006D000000IqhSL","SystemModstamp":"2026-11-21T10:00:00.000+0000","Lines":{"done":true,"records":[{"Id":"1","More":null}]}}]}`))
	f.Add([]byte(`{"done":false,"nextRecordsUrl":"/services/data/x","records":[{"Id":"006D000000IqhSL","Lines":{"done":false,"nextRecordsUrl":"/services/data/y","records":[]}}]}`))
	of := &Select{From: "Opportunity", Children: []Select{{Relationship: "Lines", Children: []Select{{Relationship: "More"}}}}}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !json.Valid(body) {
			return
		}
		p, err := readPage(body, of)
		if err != nil {
			return
		}
		for _, r := range p.rows {
			if record, err := r.record(0, of); err == nil && !json.Valid(record.JSON) {
				t.Fatalf("%s became %s", body, record.JSON)
			}
		}
	})
}
