package salesforcetest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

// billing shows the first billing as the API does: its sum, the number of its lines, and when its stamp last moved.
func (d *desk) billing() string {
	r := d.query("SELECT Total__c, Lines__c, SystemModstamp FROM Billing__c WHERE Id = 'a015g0000000001AAA'")
	_, at, _ := strings.Cut(r.column("SystemModstamp"), "T")
	return r.column("Total__c") + " of " + r.column("Lines__c") + " at " + strings.TrimSuffix(at, ".000+0000")
}

// The master's stamp moves when one of its roll-ups does. Nothing says that a line's edit moves it otherwise, and so it does not here.
func TestAMasterFollowsItsDetails(t *testing.T) {
	t.Parallel()
	d, _ := billings(t, salesforcetest.Options{})
	var third string
	for i, tt := range []struct {
		name string
		do   func() error
		want string
	}{
		{"as exported", func() error { return nil }, "43.335 of 2.0 at 09:00:00"},
		{"a line's text changes", func() error {
			return d.org.Update("Billing_Line__c", "a025g0000000001AAA", map[string]any{"Text__c": "new"})
		}, "43.335 of 2.0 at 09:00:00"},
		{"a line's amount changes", func() error {
			return d.org.Update("Billing_Line__c", "a025g0000000002AAA", map[string]any{"Amount__c": 20})
		}, "53.335 of 2.0 at 10:03:00"},
		{"a line comes", func() (err error) {
			third, err = d.org.Insert("Billing_Line__c", map[string]any{"Billing__c": "a015g0000000001AAA", "Name": "Third", "Amount__c": 0})
			return err
		}, "53.335 of 3.0 at 10:04:00"},
		{"a line changes over the API", func() error {
			if w := d.send("PATCH", v+"/sobjects/Billing_Line__c/"+third, `{"Amount__c":-3}`); w.Code != 204 {
				return fmt.Errorf("%d %s", w.Code, w.Body)
			}
			return nil
		}, "50.335 of 3.0 at 10:05:00"},
		{"a line goes", func() error { return d.org.Delete("Billing_Line__c", third) }, "53.335 of 2.0 at 10:06:00"},
		{"a line comes back", func() error { return d.org.Undelete("Billing_Line__c", third) }, "50.335 of 3.0 at 10:07:00"},
		{"its product is renamed", func() error {
			return d.org.Update("Product2", "01t5g0000000001AAA", map[string]any{"Name": "Pears"})
		}, "50.335 of 3.0 at 10:07:00"},
		{"its account is renamed", func() error {
			return d.org.Update("Account", "0015g0000000002AAA", map[string]any{"Name": "Kowhai South"})
		}, "50.335 of 3.0 at 10:07:00"},
	} {
		d.now = firstDay.Add(time.Duration(i+1) * time.Minute)
		must(t, tt.do())
		if got := d.billing(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestWithoutARollUpNoDetailMovesItsMaster(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	must(t, d.org.AddObject("Billing__c"))
	must(t, d.org.AddObject("Line__c", salesforcetest.FieldSpec{Name: "Billing__c", Type: "reference", ReferenceTo: "Billing__c", ChildRelationship: "Lines__r", MasterDetail: true},
		salesforcetest.FieldSpec{Name: "Amount__c", Type: "currency"}))
	up := d.insert("Billing__c", map[string]any{"Name": "B"})
	stamp := func() string { return d.query("SELECT SystemModstamp FROM Billing__c").column("SystemModstamp") }
	before := stamp()
	d.now = d.now.Add(time.Minute)
	line := d.insert("Line__c", map[string]any{"Billing__c": up, "Amount__c": 5})
	must(t, d.org.Update("Line__c", line, map[string]any{"Amount__c": 6}))
	must(t, d.org.Delete("Line__c", line))
	if stamp() != before {
		t.Errorf("the stamp moved from %s to %s", before, stamp())
	}
	must(t, d.org.AddField("Billing__c", salesforcetest.FieldSpec{Name: "Most__c", RollUp: "MAX(Lines__r.Amount__c)"}))
	must(t, d.org.Undelete("Line__c", line))
	d.insert("Line__c", map[string]any{"Billing__c": up, "Amount__c": 4})
	if got := d.query("SELECT Most__c FROM Billing__c").column("Most__c"); got != "6.0" || stamp() == before {
		t.Errorf("the greatest is %s, at %s", got, stamp())
	}
}

func TestDetailsGoAndComeBackWithTheirMaster(t *testing.T) {
	t.Parallel()
	d, _ := billings(t, salesforcetest.Options{})
	lines := func() string { return d.query("SELECT Name FROM Billing_Line__c ORDER BY Name").column("Name") }
	if w := d.send("DELETE", v+"/sobjects/Billing__c/a015g0000000001AAA", ""); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := lines(); got != "" {
		t.Errorf("lines of a deleted billing: %s", got)
	}
	r := d.queryAll("SELECT Name, IsDeleted, SystemModstamp, Billing__r.Name FROM Billing_Line__c WHERE Billing__c = 'a015g0000000001AAA' ORDER BY Name")
	if got := r.column("Name") + r.column("IsDeleted") + r.column("Billing__r", "Name") + r.column("SystemModstamp"); got != "One,Twotrue,trueB-0007,B-00072026-11-21T10:00:00.000+0000,2026-11-21T10:00:00.000+0000" {
		t.Errorf("queryAll: %s", got)
	}
	if err := d.org.Undelete("Billing_Line__c", "a025g0000000001AAA"); err == nil || !strings.Contains(err.Error(), "cannot come back before Billing__c a015g0000000001AAA") {
		t.Errorf("a detail without its master: %v", err)
	}
	if w := d.send("POST", v+"/sobjects/Billing_Line__c", `{"Billing__c":"a015g0000000001AAA"}`); !strings.Contains(w.Body.String(), "ENTITY_IS_DELETED") {
		t.Errorf("a line of a deleted billing: %s", w.Body)
	}
	must(t, d.org.Undelete("Billing__c", "a015g0000000001AAA"))
	if got := lines() + d.billing(); got != "One,Two43.335 of 2.0 at 10:00:00" {
		t.Errorf("back again: %s", got)
	}
	must(t, d.org.Undelete("Billing__c", "a015g0000000003AAA")) // it and its line were deleted when they were exported
	if got := lines(); got != "One,Three,Two" {
		t.Errorf("with what came back from the export's recycle bin: %s", got)
	}
	must(t, d.org.Delete("Billing__c", "a015g0000000003AAA"))
	must(t, d.org.HideRecord("a015g0000000001AAA"))
	if got := lines(); got != "" {
		t.Errorf("lines of a billing that is not shared: %s", got)
	}
}

func TestALockedMasterLocksItsDetails(t *testing.T) {
	t.Parallel()
	d, _ := billings(t, salesforcetest.Options{})
	write := func() string {
		return d.send("PATCH", v+"/sobjects/Billing_Line__c/a025g0000000001AAA", `{"Text__c":"x"}`).Body.String()
	}
	must(t, d.org.LockRecord("a015g0000000001AAA"))
	if got := write(); !strings.Contains(got, "ENTITY_IS_LOCKED") {
		t.Errorf("locked: %s", got)
	}
	must(t, d.org.UnlockRecord("a015g0000000001AAA"))
	must(t, d.org.BusyRecord("a015g0000000001AAA", 1))
	if got := write(); !strings.Contains(got, "UNABLE_TO_LOCK_ROW") {
		t.Errorf("held by somebody else: %s", got)
	}
	if got := write(); got != "" {
		t.Errorf("free: %s", got)
	}
}

// A custom lookup is emptied when what it names goes, and no stamp tells; a master-detail relationship never is.
func TestALookupIsEmptiedWhenItsRecordGoes(t *testing.T) {
	t.Parallel()
	d, _ := billings(t, salesforcetest.Options{})
	deal := func() string {
		r := d.query("SELECT Deal__c, SystemModstamp FROM Billing__c WHERE Id = 'a015g0000000001AAA'")
		return r.column("Deal__c") + " " + r.column("SystemModstamp")
	}
	must(t, d.org.Delete("Opportunity", "0065g0000000001AAA"))
	if got := deal(); got != "<nil> 2026-11-20T09:00:00.000+0000" {
		t.Errorf("deleted: %s", got)
	}
	must(t, d.org.Undelete("Opportunity", "0065g0000000001AAA"))
	if got := deal(); got != "0065g0000000001AAA 2026-11-20T09:00:00.000+0000" {
		t.Errorf("back again: %s", got)
	}
	d.insert("Contact", map[string]any{"LastName": "Rata", "AccountId": "0015g0000000002AAA"})
	must(t, d.org.AddField("Billing_Line__c", salesforcetest.FieldSpec{Name: "From__c", Type: "reference", ReferenceTo: "Opportunity", Required: true}))
	d.insert("Billing_Line__c", map[string]any{"Billing__c": "a015g0000000002AAA", "From__c": "0065g0000000001AAA"})
	// The deal would go with its account, the line needs the deal: nothing goes, not even what was on its way before the deal.
	if w := d.send("DELETE", v+"/sobjects/Account/0015g0000000002AAA", ""); !strings.Contains(w.Body.String(), "DELETE_FAILED") {
		t.Errorf("the account of a deal that a required lookup names: %d %s", w.Code, w.Body)
	}
	if got := d.query("SELECT Name FROM Opportunity").column("Name") + d.query("SELECT Name FROM Contact").column("Name") + d.query("SELECT Account__c FROM Billing__c ORDER BY Name").column("Account__c"); got != "Spring orderRata0015g0000000002AAA,0015g0000000001AAA" {
		t.Errorf("after a refusal there is %s", got)
	}
}

// A record between two masters goes with either, and is seen by those alone who see both.
func TestARecordBetweenTwoMasters(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	must(t, d.org.Load(export(t, map[string]string{
		"Account.csv":  "Id,Name\n0015g0000000001AAA,Kowhai\n",
		"Product2.csv": "Id,Name\n01t5g0000000001AAA,Apples\n",
		"Price__c.csv": "Id,Name,Product__c:Product2:Product__r:Prices__r:master-detail,Account__c:Account:Account__r:Prices__r:master-detail\n" +
			"a015g0000000001AAA,One,01t5g0000000001AAA,0015g0000000001AAA\na015g0000000002AAA,Two,01t5g0000000001AAA,0015g0000000001AAA\n",
	})))
	prices := func() string { return d.query("SELECT Name FROM Price__c ORDER BY Name").column("Name") }
	for _, master := range []struct{ object, id string }{{"Product2", "01t5g0000000001AAA"}, {"Account", "0015g0000000001AAA"}} {
		must(t, d.org.HideRecord(master.id))
		if got := prices(); got != "" {
			t.Errorf("without the %s: %s", master.object, got)
		}
		must(t, d.org.ShowRecord(master.id))
		must(t, d.org.Delete(master.object, master.id))
		if got := prices(); got != "" {
			t.Errorf("with the %s deleted: %s", master.object, got)
		}
		must(t, d.org.Undelete(master.object, master.id))
		if got := prices(); got != "One,Two" {
			t.Errorf("with the %s back again: %s", master.object, got)
		}
	}
	for _, f := range decode[described](t, d.send("GET", v+"/sobjects/Price__c/describe", "")).Fields {
		if want, is := map[string]int{"Product__c": 0, "Account__c": 1}[f.Name]; is && (f.RelationshipOrder == nil || *f.RelationshipOrder != want) {
			t.Errorf("%s is not master number %d", f.Name, want)
		}
	}
}

func TestAMergeTakesCustomRecordsAlong(t *testing.T) {
	t.Parallel()
	d, _ := billings(t, salesforcetest.Options{})
	d.now = d.now.Add(time.Minute)
	must(t, d.org.MergeAccounts("0015g0000000001AAA", "0015g0000000002AAA"))
	r := d.query("SELECT Account__r.Name, SystemModstamp FROM Billing__c WHERE Id = 'a015g0000000001AAA'")
	if got := r.column("Account__r", "Name") + r.column("SystemModstamp"); got != "Kowhai Orchards2026-11-21T10:01:00.000+0000" {
		t.Errorf("%s", got)
	}
}

func TestRelationshipsThatSetupRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	for _, name := range []string{"Top__c", "Middle__c", "Other__c"} {
		must(t, d.org.AddObject(name))
	}
	detail := func(name, of, children string) salesforcetest.FieldSpec {
		return salesforcetest.FieldSpec{Name: name, Type: "reference", ReferenceTo: of, ChildRelationship: children, MasterDetail: true}
	}
	must(t, d.org.AddField("Middle__c", detail("Top__c", "Top__c", "Middles__r")))
	must(t, d.org.AddField("Middle__c", detail("Other__c", "Other__c", "Middles__r")))
	for _, tt := range []struct {
		name, object string
		spec         salesforcetest.FieldSpec
		want         string
	}{
		{"a third master", "Middle__c", detail("Account__c", "Account", "Middles__r"), "two masters already"},
		{"a circle", "Top__c", detail("Middle__c", "Middle__c", "Tops__r"), "cannot be above itself"},
		{"itself", "Other__c", detail("Self__c", "Other__c", "Selves__r"), "cannot be above itself"},
		{"a standard object as a detail", "Opportunity", detail("Top__c", "Top__c", "Deals__r"), "is a standard object"},
		{"a user as a master", "Top__c", detail("User__c", "User", "Tops__r"), "User cannot be a master"},
		{"no name for the details", "Top__c", detail("Account__c", "Account", ""), "has a name for the details"},
		{"a name without __r", "Top__c", detail("Account__c", "Account", "Tops"), `"Tops" is no name of children`},
		{"a roll-up of nothing", "Top__c", salesforcetest.FieldSpec{Name: "Sum__c", RollUp: "SUM(Nothing__r.Amount__c)"}, "Top__c has no children Nothing__r"},
		{"a roll-up of a lookup", "Account", salesforcetest.FieldSpec{Name: "Count__c", RollUp: "COUNT(ChildAccounts)"}, "ChildAccounts is a lookup"},
		{"no roll-up at all", "Top__c", salesforcetest.FieldSpec{Name: "Sum__c", RollUp: "Total"}, `"Total" is no roll-up`},
	} {
		if err := d.org.AddField(tt.object, tt.spec); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want …%s…", tt.name, err, tt.want)
		}
	}
	if err := d.org.AddObject("Thing"); err == nil || !strings.Contains(err.Error(), "ends in __c") {
		t.Errorf("an object without __c: %v", err)
	}
}
