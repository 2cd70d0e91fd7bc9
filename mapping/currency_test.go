package mapping

import (
	"slices"
	"strings"
	"testing"
)

// Case: an org with several currencies, and a mapping that names none: USD 1,000 became NZD 1,000.
func TestTheCurrencyOfARecordIsReadWhateverTheFormulasName(t *testing.T) {
	t.Parallel()
	single := company()
	delete(single["Opportunity"].Fields, currencyField)
	for _, c := range []struct {
		name       string
		schema     Schema
		mapped     string
		own, fixed bool
		reads      bool
	}{
		{"several currencies, the deal's own is mapped", company(), "=CurrencyIsoCode", true, false, true},
		{"several currencies, none is mapped", company(), "", true, false, true},
		{"several currencies, another field is mapped", company(), "=UPPER(PO_Number__c)", true, false, true},
		{"one currency, and it is mapped", single, "=CurrencyIsoCode", false, true, false},
		{"one currency, another field is mapped", single, "=PO_Number__c", false, false, false},
		{"one currency, and a constant", single, "AUD", false, true, false},
		{"one currency, none is mapped", single, "", false, false, false},
	} {
		line := ""
		if c.mapped != "" {
			line = "    CurrencyCode: " + c.mapped + "\n"
		}
		f, problems := Parse("mapping.yaml", change(t, "    CurrencyCode: =CurrencyIsoCode # the org's own currency where Salesforce has only one\n", line))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		m, _, problems := f.Compile(c.schema)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		e := m.Documents[0]
		if reads := slices.Contains(e.Reads.Fields, currencyField); e.OwnCurrency != c.own || e.FixedCurrency != c.fixed || reads != c.reads {
			t.Errorf("%s: own %t, fixed %t, read %t", c.name, e.OwnCurrency, e.FixedCurrency, reads)
		}
	}
}

// What is read must not be written: the currency of a record is read even where no formula names it.
func TestTheCurrencyOfARecordIsNotWrittenBack(t *testing.T) {
	t.Parallel()
	text := change(t, "    CurrencyCode: =CurrencyIsoCode # the org's own currency where Salesforce has only one\n", "")
	text = []byte(strings.Replace(string(text), "    Xero_Status__c: =Status\n", "    Xero_Status__c: =Status\n    CurrencyIsoCode: =CurrencyCode\n", 1))
	f, problems := Parse("mapping.yaml", text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, _, problems := f.Compile(company()); len(problems) != 1 {
		t.Errorf("it is written back all the same: %v", problems)
	}
}
