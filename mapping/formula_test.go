package mapping

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// evaluate runs one formula on a deal, without any target.
func evaluate(t *testing.T, formula, row string) (string, error) {
	t.Helper()
	value, problems := try(formula)
	if len(problems) > 0 {
		t.Fatalf("%s: %s\n%s", formula, problems[0], problems[0].Excerpt)
	}
	var fields map[string]any
	d := json.NewDecoder(strings.NewReader(row))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	today, _ := fromJSON("2026-11-20", Date)
	v, err := value.run(&environment{row: fields, root: fields, today: today.time, currency: "NZD", location: auckland(t)})
	if v.empty() {
		return "", err
	}
	return v.String(), err
}

// try checks one formula of an Opportunity.
func try(formula string) (*code, []Problem) {
	text := "x: '" + strings.ReplaceAll(formula, "'", "''") + "'\n"
	r := &report{src: newSource("mapping.yaml", text)}
	root := readYAML([]byte(text), r)
	if root == nil {
		return nil, r.problems
	}
	rd := &reader{report: r}
	s := rd.scalar(root.Content[1], "x")
	b := &builder{file: &File{tables: testTables(rd)}, report: r, salesforce: newView(salesforceName, company()), read: map[[2]string]position{}}
	var c *code
	if s.formula != nil {
		c = b.compileFormula(s, b.rows(b.salesforce, "Opportunity"))
	}
	return c, sorted(r.problems)
}

func testTables(rd *reader) map[string]*table {
	text := "tax:\n  New Zealand: OUTPUT2\n  Australia: ZERORATED\n"
	inner := &report{src: newSource("mapping.yaml", text)}
	root := readYAML([]byte(text), inner)
	return map[string]*table{"tax": (&reader{report: inner}).table("tax", position{1, 1}, root.Content[1])}
}

func TestFormulasGiveWhatSalesforceWouldGive(t *testing.T) {
	t.Parallel()
	const row = `{"Amount":1234.50,"Name":"Big deal","CloseDate":"2026-01-31","StageName":"Closed Won","IsWon":true,"IsClosed":false,"Probability":10,
		"PO_Number__c":null,"Rate__c":1.5E1,"CurrencyIsoCode":"AUD","CreatedDate":"2026-11-19T12:30:00.000+0000","Description":" a  b ",
		"Account":{"Name":"Acme","BillingCountry":"New Zealand"}}`
	for _, c := range []struct{ formula, want string }{
		// fields, in any case
		{`=Amount`, "1234.5"}, {`=amount`, "1234.5"}, {`=account.BILLINGCOUNTRY`, "New Zealand"}, {`=PO_Number__c`, ""}, {`=Account.Parent.Name`, ""},
		{`=Rate__c`, "15"}, {`=Probability`, "10"}, {`=CurrencyIsoCode`, "AUD"}, {`=Account.CurrencyIsoCode`, "NZD"},
		// numbers are decimals
		{`=0.1 + 0.2`, "0.3"}, {`=0.1 + 0.2 = 0.3`, "true"}, {`=1 - 2 - 3`, "-4"}, {`=2 + 3 * 4`, "14"}, {`=(2 + 3) * 4`, "20"}, {`=12 / 3 / 2`, "2"},
		{`=-Amount + 1`, "-1233.5"}, {`=--2`, "2"}, {`=2 * -3`, "-6"}, {`=1 / 3 * 3 > 0.999999`, "true"}, {`=ROUND(10 / 3 * 3, 2)`, "10"},
		{`=100000000000000000000 * 10`, "1000000000000000000000"}, {`=Amount * Probability / 100`, "123.45"},
		// empty: arithmetic is empty, text is joined
		{`=PO_Number__c & "x"`, "x"}, {`="PO " & PO_Number__c`, "PO "}, {`=Amount + NULL`, ""}, {`=LEN(PO_Number__c)`, "0"}, {`=UPPER(PO_Number__c)`, ""},
		{`=PO_Number__c = ""`, "true"}, {`=PO_Number__c = NULL`, "true"}, {`=PO_Number__c <> "x"`, "true"}, {`=ISBLANK(PO_Number__c)`, "true"}, {`=ISBLANK(Amount)`, "false"},
		{`=VALUE(PO_Number__c) > 5`, ""}, {`=IF(VALUE(PO_Number__c) > 5, "more", "not more")`, "not more"}, {`=not (VALUE(PO_Number__c) > 5)`, ""},
		{`=IsWon or VALUE(PO_Number__c) > 5`, "true"}, {`=IsClosed and VALUE(PO_Number__c) > 5`, "false"}, {`=IsWon and VALUE(PO_Number__c) > 5`, ""},
		// text
		{`="say ""yes"""`, `say "yes"`}, {`="a" + "b"`, "ab"}, {`="n " & 1.50`, "n 1.5"}, {`="on " & CloseDate`, "on 2026-01-31"},
		{`=UPPER(Name)`, "BIG DEAL"}, {`=lower(Name)`, "big deal"}, {`=TRIM(Description)`, "a  b"}, {`=LEFT(Name, 3)`, "Big"}, {`=LEFT("äöü", 2)`, "äö"},
		{`=LEFT(Name, 99)`, "Big deal"}, {`=LEFT(Name, -1)`, ""}, {`=RIGHT(Name, 4)`, "deal"}, {`=MID(Name, 5, 2)`, "de"}, {`=MID(Name, 0, 3)`, "Big"}, {`=MID(Name, 50, 3)`, ""},
		{`=LEN("äöü")`, "3"}, {`=SUBSTITUTE(Name, "deal", "")`, "Big "}, {`=SUBSTITUTE(Name, "", "x")`, "Big deal"}, {`=SUBSTITUTE("a-b-c", "-", "/")`, "a/b/c"},
		{`=CONTAINS(Name, "eal")`, "true"}, {`=CONTAINS(Name, "EAL")`, "false"}, {`=BEGINS(Name, "Big")`, "true"}, {`=BEGINS(PO_Number__c, "P")`, "false"},
		{`=TEXT(Amount)`, "1234.5"}, {`=TEXT(CloseDate)`, "2026-01-31"}, {`=TEXT(CreatedDate)`, "2026-11-19 12:30:00Z"}, {`=TEXT(StageName)`, "Closed Won"},
		{`=VALUE(" 12.50 ")`, "12.5"}, {`=VALUE("-3")`, "-3"},
		// dates
		{`=CloseDate + 30`, "2026-03-02"}, {`=30 + CloseDate`, "2026-03-02"}, {`=CloseDate - 31`, "2025-12-31"}, {`=DATE(2026, 3, 1) - DATE(2026, 2, 1)`, "28"}, {`=DATE(4000, 12, 31) - DATE(2026, 11, 21)`, "721029"},
		{`=ADDMONTHS(CloseDate, 1)`, "2026-02-28"}, {`=ADDMONTHS(DATE(2026, 2, 28), 1)`, "2026-03-31"}, {`=ADDMONTHS(DATE(2026, 1, 30), 1)`, "2026-02-28"},
		{`=ADDMONTHS(DATE(2026, 1, 15), -2)`, "2025-11-15"}, {`=ENDOFMONTH(DATE(2028, 2, 3))`, "2028-02-29"}, {`=ENDOFMONTH(ADDMONTHS(CloseDate, 1)) + 20`, "2026-03-20"},
		{`=YEAR(CloseDate) * 10000 + MONTH(CloseDate) * 100 + DAY(CloseDate)`, "20260131"}, {`=TODAY()`, "2026-11-20"}, {`=CloseDate < TODAY()`, "true"},
		// 12:30 UTC is already the next day in Auckland
		{`=CreatedDate + 0`, "2026-11-20"}, {`=CreatedDate = TODAY()`, "true"}, {`=DAY(CreatedDate)`, "20"}, {`=CASE(CreatedDate, TODAY(), "today", "before")`, "today"},
		// conditions
		{`=Amount = 1234.50`, "true"}, {`=Amount == 1234.5`, "true"}, {`=Amount <> 1`, "true"}, {`=Amount != 1`, "true"}, {`=Amount >= 1234.5 AND Amount <= 1234.5`, "true"},
		{`=not IsWon`, "false"}, {`=NOT(IsWon) or TRUE`, "true"}, {`=not Amount = 1 and IsWon`, "true"}, {`=AND(IsWon, Amount > 1, TRUE)`, "true"}, {`=OR(IsClosed, FALSE)`, "false"},
		{`=IsClosed or IsWon and IsClosed`, "false"}, {`=IF(Amount > 1000, "big", "small")`, "big"}, {`=if(IsClosed, 1, 2)`, "2"},
		{`=CASE(StageName, "Closed Won", 1, "Closed Lost", 2, 0)`, "1"}, {`=CASE(Probability, 5, "a", 10, "b", "c")`, "b"}, {`=CASE(Name, "x", 1, 9)`, "9"},
		// blanks
		{`=BLANKVALUE(PO_Number__c, Name)`, "Big deal"}, {`=PO_Number__c ?? Name`, "Big deal"}, {`=PO_Number__c ?? Account.Parent.Name ?? "none"`, "none"}, {`=(NULL ?? Amount) * 2`, "2469"},
		{`=NULL ?? (Amount * 2)`, "2469"},
		{`=LOOKUP("tax", Account.BillingCountry)`, "OUTPUT2"}, {`=LOOKUP("tax", PO_Number__c) ?? "NONE"`, "NONE"},
		{`=MIN(3, 1, 2)`, "1"}, {`=MAX(3, Amount)`, "1234.5"}, {`=MAX(1, NULL)`, ""}, {`=ABS(-2.5)`, "2.5"},
		{`=ROUND(2.345, 2)`, "2.35"}, {`=ROUND(-2.345, 2)`, "-2.35"}, {`=ROUND(2.5, 0)`, "3"}, {`=ROUND(1250, -2)`, "1300"},
		// a branch that is not taken cannot fail
		{`=IF(ISBLANK(PO_Number__c), 0, 1 / 0)`, "0"}, {`=IF(IsWon, "ok", LOOKUP("tax", Name))`, "ok"}, {`=IsClosed and 1 / 0 > 1`, "false"},
		{"=IF(IsWon,\n  1,\n  2)", "1"},
	} {
		got, err := evaluate(t, c.formula, row)
		if err != nil || got != c.want {
			t.Errorf("%s gives %q, %v; want %q", c.formula, got, err, c.want)
		}
	}
}

func TestFormulasThatHaveNoAnswerSayWhy(t *testing.T) {
	t.Parallel()
	const row = `{"Amount":0,"Name":"Fidji","CloseDate":"2026-13-01","Rate__c":"many","Probability":1E9999,"Account":"odd","Description":"Austraila"}`
	for _, c := range []struct{ formula, want, owner, table string }{
		{`=1 / Amount`, "1 is divided by zero", ownerSales, ""},
		{`=VALUE("1,000")`, `"1,000" cannot be read as a number`, ownerSales, ""},
		{`=VALUE("1e3")`, `"1e3" cannot be read as a number`, ownerSales, ""},
		{`=DATE(2026, 2, 30)`, "2026-02-30 is not a day of the calendar", ownerSales, ""},
		{`=DATE(2026, 1, 1) + 0.5`, "the number of days added to a date is 0.5; it must be a whole number between -1464000 and 1464000", ownerSales, ""},
		{`=DATE(2026, 1, 1) + 1000000`, "a date in the year 4763 is out of range", ownerSales, ""},
		{`=ROUND(1, 0.5)`, "the number of decimals in ROUND is 0.5; it must be a whole number between -40 and 40", ownerSales, ""},
		{`=LOOKUP("tax", Name)`, `"Fidji" is not in the table "tax" (mapping.yaml:1), which has Australia and New Zealand`, ownerAdmin, "tax"},
		{`=LOOKUP("tax", Name) ?? "NONE"`, `"Fidji" is not in the table "tax" (mapping.yaml:1), which has Australia and New Zealand`, ownerAdmin, "tax"},
		{`=LOOKUP("tax", Description)`, `"Austraila" is not in the table "tax" (mapping.yaml:1), which has Australia and New Zealand`, ownerAdmin, "tax"},
		{`=CloseDate`, `CloseDate: "2026-13-01" is not a date`, ownerAdmin, ""},
		{`=Rate__c`, `Rate__c: "many" is not a number`, ownerAdmin, ""},
		{`=Probability`, `Probability: the number 1E9999 is too large or too fine`, ownerAdmin, ""},
		{`=Account.Name`, `Account is not a related record`, ownerAdmin, ""},
	} {
		got, err := evaluate(t, c.formula, row)
		if err == nil {
			t.Errorf("%s gives %q; want a fault", c.formula, got)
			continue
		}
		if f := faultOf(err); f.text != c.want || f.owner != c.owner || f.table != c.table {
			t.Errorf("%s: %q, %s, %q; want %q, %s, %q", c.formula, f.text, f.owner, f.table, c.want, c.owner, c.table)
		}
	}
}

func TestWrongFormulasAreRefusedWhereTheyAreWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		formula string
		at      int // character of the formula, from 1; the = is the first
		want    string
	}{
		// names
		{`=Clsoe_Date`, 2, `Opportunity has no field "Clsoe_Date"; did you mean "CloseDate"?`},
		{`=Qwertyuiop`, 2, `Opportunity has no field "Qwertyuiop", or the integration user may not see it`},
		{`=PO_Number`, 2, `did you mean "PO_Number__c"?`},
		{`=Account.BilingCountry`, 10, `Account has no field "BilingCountry"; did you mean "BillingCountry"?`},
		{`=Acount.Name`, 2, `Opportunity has no relationship "Acount"; did you mean "Account"?`},
		{`=AccountId.Name`, 2, `Opportunity.AccountId is text and has no fields of its own; did you mean "Account"?`},
		{`=Account`, 2, "Opportunity.Account is a related record, not a value"},
		{`=Opportunity.Amount`, 2, `the record is the Opportunity itself; leave "Opportunity." out`},
		{`=Account.Parent.Parent.Parent.Parent.Parent.Name`, 38, "Salesforce follows at most 5 relationships"},
		{`=LOKUP("tax", Name)`, 2, `there is no function LOKUP; did you mean "LOOKUP"?`},
		{`=ISPICKVAL(StageName, "x")`, 2, "there is no function ISPICKVAL; compare the field itself"},
		{`=LOOKUP("taxes", Name)`, 9, `there is no table "taxes" in tables:; did you mean "tax"?`},
		{`=LOOKUP(tax, Name)`, 9, "the table's name stands in quotes"},
		{`=StageName = "closed won"`, 14, `StageName has no value "closed won"; did you mean "Closed Won"?`},
		{`=CASE(StageName, "closed lost", 1, 2)`, 18, `did you mean "Closed Lost"?`},
		// types
		{`=Amount + "1"`, 9, "+ cannot take a number and text; & joins text with anything"},
		{`=Amount * Name`, 9, "* takes two numbers; here are a number and text"},
		{`=Amount = "5"`, 9, "a number and text cannot be compared; VALUE(…) reads a number"},
		{`=IsWon = "true"`, 8, "write TRUE or FALSE without quotes"},
		{`=Name > "a"`, 7, "text has no order"},
		{`=CloseDate + CloseDate`, 12, "+ cannot take a date and a date"},
		{`=CloseDate * 2`, 12, "* takes two numbers; here are a date and a number"},
		{`=IF(Amount, 1, 2)`, 5, "the condition of IF takes true or false, and this is a number; a condition compares something"},
		{`=IF(IsWon, 1, "2")`, 15, "the results of IF must be of one kind; here are a number and text"},
		{`=not Amount`, 6, `"not" takes true or false, and this is a number`},
		{`=-Name`, 3, `"-" takes a number, and this is text; VALUE(…) reads a number from text`},
		{`=UPPER(Amount)`, 8, "UPPER takes text, and this is a number; TEXT(…) makes text of it"},
		{`=TEXT(IsWon)`, 7, "TEXT takes numbers, dates and picklists"},
		{`="a" & IsWon`, 6, "& joins text, numbers and dates, not true or false"},
		{`=Name ?? 5`, 7, "both sides of ?? must be of one kind; here are text and a number"},
		{`=LEFT(Name)`, 2, "LEFT takes 2 arguments, and here are 1"},
		{`=TODAY(1)`, 2, "TODAY takes no arguments, and here are 1"},
		{`=TRIM()`, 2, "TRIM takes one argument, and here are 0"},
		{`=MIN()`, 2, "MIN takes at least one argument, and here are 0"},
		{`=CASE(Name, "a", 1)`, 2, "CASE takes a value, pairs of value and result"},
		// syntax
		{`=`, 1, "there is no formula behind the ="},
		{`=Amount +`, 10, "the formula ends too early"},
		{`=Amount 5`, 9, `an operator is missing before "5"`},
		{`=(Amount`, 2, "this ( has no closing )"},
		{`=Amount)`, 8, "this ) has no ( before it"},
		{`=ROUND(Amount, 2`, 7, "this ( has no closing )"},
		{`=ROUND(Amount,)`, 15, "an argument is missing here"},
		{`=1,000 * 2`, 3, "a comma stands only between the arguments of a function; thousands are not separated"},
		{`="open`, 2, `this text has no closing "`},
		{`=1e5`, 2, "without exponent"}, {`=0x1F`, 2, "without exponent"}, {`=1.2.3`, 2, "without exponent"}, {`=5.`, 2, "a number needs a digit behind"},
		{`=.5`, 2, "a name is missing before the dot; numbers begin with a digit: 0.5"},
		{`=Amount * 10%`, 13, "the % sign is not part"},
		{`=Amount // half`, 9, "there are no comments in formulas"}, {`=Amount /* x */`, 9, "there are no comments"},
		{`=IsWon && IsClosed`, 8, `write "and" for &&`}, {`=IsWon || IsClosed`, 8, `write "or" for ||`}, {`=!IsWon`, 2, `write "not" for !`},
		{`=Name & 'x'`, 9, "text stands in double quotes"}, {`=Name & “x”`, 9, "straight double quotes"},
		{`=Amount ^ 2`, 9, "there is no operator ^"}, {`=Amount["x"]`, 8, `'[' is not part of the formula language`}, {`=$User.Name`, 2, "there are no global variables"},
		{`=1 < 2 < 3`, 8, "comparisons cannot be chained"}, {`=Amount = Amount = Amount`, 18, "comparisons cannot be chained"},
		{`=Amount * Rate__c ?? 1`, 19, "?? beside another operator needs brackets"}, {`=Rate__c ?? 1 * Amount`, 10, "needs brackets"},
		{`=-Amount ?? 1`, 10, "needs brackets"}, {`=Name = PO_Number__c ?? "x"`, 22, "needs brackets"},
		{`=Amount = not IsWon`, 11, `put "not" and what it denies in brackets`}, {`=and IsWon`, 2, `a condition is missing before "and"`},
		{`=Account.`, 9, "a field's name is missing behind the dot"}, {`=Account.Upper(Name)`, 10, `"Account.Upper" is not a function`},
		{"=" + strings.Repeat("(", 51) + "1" + strings.Repeat(")", 51), 53, "nested more than 50 deep"},
		{"=" + strings.Repeat("-", 60) + "1", 53, "nested more than 50 deep"},
		{"=1" + strings.Repeat("+1", 500), 1002, "the formula is 1001 characters long; at most 1000 are allowed"},
	} {
		_, problems := try(c.formula)
		if len(problems) != 1 {
			t.Errorf("%s: %d problems %v", c.formula, len(problems), problems)
			continue
		}
		p := problems[0]
		if at := p.Column - len("x: '"); at != c.at || !strings.Contains(p.Text, c.want) {
			// Quotes are doubled in the YAML of the test, which shifts nothing
			// before the first of them.
			t.Errorf("%s:\n got %d: %s\nwant %d: %s", c.formula, at, p.Text, c.at, c.want)
		}
	}
}

func TestLongestAndDeepestFormulasAreAccepted(t *testing.T) {
	t.Parallel()
	for _, formula := range []string{
		"=" + strings.Repeat("(", 50) + "1" + strings.Repeat(")", 50),
		"=1" + strings.Repeat("+1", 499),
		"=" + strings.Repeat("IF(IsWon,1,", 50) + "2" + strings.Repeat(")", 50),
	} {
		if _, problems := try(formula); len(problems) > 0 {
			t.Error(problems[0])
		}
	}
}

// FuzzParseFormula looks for panics, and for complaints outside of the text.
func FuzzParseFormula(f *testing.F) {
	for _, seed := range []string{
		"=CloseDate + 30", `=BLANKVALUE(Description, Product2.Name)`, `=LOOKUP("tax", Opportunity.Account.BillingCountry)`, `="a""b" & x`,
		"=((((1", "=not not -x ?? y", "=a.b.c(", "=1e9", "=ä + ß", "=\x00", "=IF(a=1,2,3)", "=a<>b", "=CASE(a,1,2,3)", "= ", "=\"", "=-(-1)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		formula, err := parseFormula("=" + value)
		length := len([]rune("=" + value))
		if err != nil {
			if err.at < 0 || err.at > length || err.text == "" {
				t.Errorf("%q: complaint %q at %d of %d", value, err.text, err.at, length)
			}
			return
		}
		var walk func(*expr)
		walk = func(e *expr) {
			if e.at < 0 || e.at >= length || e.start > e.at && e.kind != pathExpr && !e.bracketed {
				t.Errorf("%q: a node at %d, from %d, of %d", value, e.at, e.start, length)
			}
			for _, a := range e.args {
				walk(a)
			}
		}
		walk(formula)
		if problems := fmt.Sprint(func() []Problem { _, p := try("=" + value); return p }()); strings.Contains(problems, "(MISSING)") {
			t.Errorf("%q: %s", value, problems)
		}
	})
}
