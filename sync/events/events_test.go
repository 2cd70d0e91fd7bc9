package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/store/storetest"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

func noName(t *testing.T, log string) {
	t.Helper()
	if strings.Contains(strings.ToLower(log), "zanzib") {
		t.Errorf("the log names a customer: %s", log)
	}
}

const (
	spokenOrg     = "00DDn0000000001MAA"
	spokenInvoice = "22222222-0000-4000-8000-000000000001"
	spokenContact = "11111111-0000-4000-8000-000000000001"
)

var (
	spokenDeal    = store.Key{Entry: document.Invoices, ID: "006Dn0000000001IAA"}
	spokenAccount = store.Key{Entry: document.Contacts, ID: "001Dn0000000001IAA"}
)

// spoken makes the log say each of its events once, and gives the fields of each.
func spoken(t *testing.T) map[string]map[string]bool {
	t.Helper()
	var out bytes.Buffer
	log := New(&out)
	log.Place = plan.Place{Org: spokenOrg, Tenant: "t", Instance: "https://example.my.salesforce.com"}
	invoice := store.Link{Key: spokenDeal, Kind: "Invoices", XeroID: spokenInvoice, Number: "INV-0007", Status: "DRAFT", Origin: "rebuilt",
		Seen: json.RawMessage(`{"InvoiceID":"` + spokenInvoice + `","Reference":"Zanzibar 77","Total":2760.00,"CurrencyCode":"NZD","Contact":{"Name":"Zanzibar Ferries"}}`)}
	contact := store.Link{Key: spokenAccount, Kind: "Contacts", XeroID: spokenContact, Number: "Zanzibar Ferries", Status: "ACTIVE", Origin: "adopted", Seen: json.RawMessage(`{"Name":"Zanzibar Ferries"}`)}
	for _, link := range []store.Link{invoice, contact} {
		log.Created(link)
		log.Updated(link)
		if link.Kind == "Contacts" {
			log.ContactAdopted(link, "AccountNumber agrees; Name differs")
		} else {
			log.Adopted(link)
		}
		log.StatusChanged(link, "PAID")
	}
	log.Promoted(invoice)
	log.Deleted(invoice)
	log.Held(spokenDeal, plan.Held("deal.unwon", plan.Accountant, "INV-0007 stands", "void it"))
	log.Held(spokenDeal, plan.Held("contact.near_miss", plan.Sales, "nearly Zanzibar", "rename it"))
	log.ManyHeld("deal.unseen", 40)
	log.Released(spokenDeal, plan.Held("contact.near_miss", plan.Sales, "nearly Zanzibar", "rename it"))
	log.Finding(spokenDeal, spokenInvoice, "deal.cloned", "INV-0007")
	log.Finding(spokenDeal, spokenInvoice, "invoice.differs", `Reference is "Zanzibar" instead of "Zanzibar 77"`)
	log.Finding(spokenAccount, "", "contact.renamed", "now Zanzibar")
	log.Finding(spokenAccount, "", "xero.warning", "Zanzibar owes much")
	log.Differs(store.Link{Key: spokenDeal, XeroID: spokenInvoice, Number: "INV-0007", Mismatch: `Reference is "Zanzibar" instead of "Zanzibar 77"`})
	log.Otherwise("LineItems.DiscountRate", plan.Otherwise{Line: 34})
	log.Watched("Invoices", 3, true)
	log.Pulled(3, true)
	log.Swept(3)
	log.ReferenceChanged([]xero.Part{xero.PartCurrencies})
	log.QuarantineOver()
	log.LeaseTaken(2, time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))
	log.LeaseWaits("acme-1, store 7", time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))
	log.LeaseOther("acme-1, store 7", time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))
	log.LeaseGone()
	log.MarkLost("Invoices", spokenInvoice)
	refusal := &remote.Error{API: "Xero", Op: "PUT /api.xro/2.0/Invoices", Class: remote.BadRecord, Status: 400, Message: "the contact name Zanzibar Ferries is already assigned", RequestID: "r"}
	log.CallFailed(store.Intent{Do: "create", Members: []store.Member{{Key: spokenDeal}}}, refusal)
	log.Settled(store.Intent{Do: "create"}, 1, 2)
	log.Waits()
	log.StandDown(zerolog.TimestampFunc(), "a minute's calls")
	sent := json.RawMessage(`{"Xero_Sync_Error__c":"nearly Zanzibar Ferries","Xero_Total__c":12.00,"Xero_Status__c":null}`)
	log.WroteBack(spokenDeal, sent, 0)
	for _, code := range []string{"ENTITY_IS_LOCKED", "STRING_TOO_LONG", "FIELD_CUSTOM_VALIDATION_EXCEPTION"} {
		message := "data value too large: nearly Zanzibar Ferries"
		switch code {
		case "STRING_TOO_LONG":
			message = "data value too large: nearly Zanzib… (max length=8)"
		case "FIELD_CUSTOM_VALIDATION_EXCEPTION":
			message = "the customer Zanzibar is closed"
		}
		log.WriteBackRefused(spokenDeal, sent, &remote.Error{API: "Salesforce", Class: remote.BadRecord, Code: code, Message: message})
	}
	log.Started(log.Place, "the store is new")
	log.Stopped()
	log.MappingLoaded("mapping.yaml", &mapping.Mapping{Hash: "0123456789abcdef"})
	log.MappingRefused("mapping.yaml:1:1: no")
	log.MappingAccepted("mapping.yaml", &mapping.Mapping{Hash: "0123456789abcdef"})
	log.LetIn(&mapping.Entry{Name: document.Invoices}, 3, "2026-11-27")
	log.LetIn(&mapping.Entry{Name: document.Invoices}, 0, "")
	log.PullBehind(document.Invoices, time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), errors.New("no"), 1)
	log.PullCaughtUp(document.Invoices, 2)
	log.CycleDone(Report{})
	log.CycleFailed(errors.New("no"), 1)
	log.Recovered(2)
	log.BackedUp("sf2xero.db.backup-2026-11-21", 65536)
	log.BackupFailed(errors.New("no"), 1)
	log.Failed("something", errors.New("no"))
	noName(t, out.String())
	said := map[string]map[string]bool{}
	for text := range strings.Lines(out.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			t.Fatal(err)
		}
		name, _ := fields["event"].(string)
		if said[name] == nil {
			said[name] = map[string]bool{}
		}
		for f := range fields {
			if f != "event" && f != "level" {
				said[name][f] = true
			}
		}
	}
	return said
}

func TestEveryEventIsInTheTableWithItsFields(t *testing.T) {
	t.Parallel()
	said := spoken(t)
	for _, e := range Events() {
		var want []string
		for _, f := range strings.Split(e.Fields, ", ") {
			switch f {
			case "":
			case "record":
				want = append(want, "entry", "salesforce_id", "salesforce_url")
				if said[e.Name]["xero_id"] {
					want = append(want, "xero_id", "xero_url")
				}
			default:
				want = append(want, f)
			}
		}
		slices.Sort(want)
		if got := document.SortedNames(said[e.Name]); !slices.Equal(got, want) {
			t.Errorf("%s is logged with %v, the table says %v", e.Name, got, want)
		}
		delete(said, e.Name)
	}
	for _, name := range document.SortedNames(said) {
		t.Errorf("%s is logged and not in the table", name)
	}
}

// The test above must know each event that the code can say: each way into the log is called by somebody, and by the test.
func TestEveryWayIntoTheLogIsTried(t *testing.T) {
	t.Parallel()
	code, test := "", ""
	for _, dir := range []string{".", "..", filepath.Join("..", "state"), filepath.Join("..", "..", "cmd", "sf2xero")} {
		for name, file := range sources(t, dir) {
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				switch {
				case !ok:
				case name == "events_test.go":
					test += calls(f)
				case !strings.HasSuffix(name, "_test.go"):
					code += calls(f)
				}
			}
		}
	}
	found := 0
	for name, file := range sources(t, ".") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !regexp.MustCompile(` (event|document|Send) `).MatchString(calls(f)) {
				continue
			}
			if name := f.Name.Name; name != "event" && name != "about" {
				found++
				if !strings.Contains(code, " "+name+" ") {
					t.Errorf("nothing logs through %s", name)
				}
				if name != "document" && !strings.Contains(test, " "+name+" ") {
					t.Errorf("no test logs through %s", name)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d ways into the log were found", found)
	}
}

// calls are the names of the methods that a function calls, each between blanks.
func calls(f *ast.FuncDecl) string {
	names := " "
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if s, ok := call.Fun.(*ast.SelectorExpr); ok {
				names += s.Sel.Name + " "
			}
		}
		return true
	})
	return names
}

// sources parses the Go files of a directory, by name.
func sources(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files[e.Name()] = f
		}
	}
	return files
}

// What happens inside a transaction is told, and counted, when it is stored: a commit that fails leaves no invoice.created in
// a log that people count invoices by.
func TestWhatIsNotStoredIsNotTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ends  error
		told  string
		count int
	}{
		"stored":     {nil, "invoice.created hold.added ", 1},
		"not stored": {errors.New("the disk is full"), "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := store.Open(filepath.Join(t.TempDir(), "s.db"), store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var out bytes.Buffer
			log := New(&out)
			log.Report = NewReport()
			if err := db.Update(func(tx *store.Tx) error {
				log.In(tx).Created(store.Link{Key: spokenDeal, Kind: "Invoices"})
				log.In(tx).Held(spokenDeal, plan.Held("deal.unwon", plan.Accountant, "", ""))
				if out.Len() > 0 {
					t.Errorf("told before it is stored: %s", out.String())
				}
				return c.ends
			}); !errors.Is(err, c.ends) {
				t.Fatal(err)
			}
			told := ""
			for text := range strings.Lines(out.String()) {
				var fields struct{ Event string }
				if err := json.Unmarshal([]byte(text), &fields); err != nil {
					t.Fatal(err)
				}
				told += fields.Event + " "
			}
			if told != c.told || log.Report.Made != c.count {
				t.Errorf("told %q and %d made, want %q and %d", told, log.Report.Made, c.told, c.count)
			}
		})
	}
}

// A process dies between the commit and the line: its successor tells it, and says that it may be told for the second time.
func TestTheLastEventBeforeAKillIsTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	var dies error
	open := func() *store.DB {
		t.Helper()
		db, err := store.Open(path, store.Options{NoSync: true, After: func() error { return dies }})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	var out bytes.Buffer
	log := New(&out)
	db := open()
	dies = errors.New("killed")
	if err := db.Update(func(tx *store.Tx) error {
		log.In(tx).Created(store.Link{Key: spokenDeal, Kind: "Invoices", Number: "INV-0007"})
		return nil
	}); !errors.Is(err, dies) || out.Len() > 0 {
		t.Fatalf("it told %q and ended with %v", out.String(), err)
	}
	dies = nil
	if err := db.Abandon(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"INV-0007", ""} {
		db := open()
		for range 2 { // a start that Salesforce does not answer is tried again
			if err := log.Again(db); err != nil {
				t.Fatal(err)
			}
		}
		var line struct {
			Event, Number string
			Again         bool
		}
		if err := json.Unmarshal(out.Bytes(), &line); want != "" && (err != nil || line.Number != want || !line.Again || line.Event != "invoice.created") || want == "" && out.Len() > 0 {
			t.Errorf("told %q, want one of %q", out.String(), want)
		}
		out.Reset()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	storetest.Check(t, path)
}

// Whatever holds a transaction tells through it.
func TestTransactionsTellWhenTheyAreStored(t *testing.T) {
	t.Parallel()
	found := 0
	for name, file := range sources(t, "..") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		var look func(n ast.Node, inside bool)
		look = func(root ast.Node, inside bool) {
			ast.Inspect(root, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncLit:
					look(n.Body, inside || takesTx(n.Type))
					return false
				case *ast.SelectorExpr:
					log, ok := n.X.(*ast.SelectorExpr)
					if !ok || log.Sel.Name != "Log" || n.Sel.Name == "Place" || n.Sel.Name == "Report" {
						return true
					}
					if found++; inside != (n.Sel.Name == "In") {
						t.Errorf("%s tells %s before it is stored, or through no transaction", name, n.Sel.Name)
					}
				}
				return true
			})
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				look(f.Body, takesTx(f.Type))
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d events were found", found)
	}
}

func takesTx(f *ast.FuncType) bool {
	for _, p := range f.Params.List {
		if star, ok := p.Type.(*ast.StarExpr); ok {
			if s, ok := star.X.(*ast.SelectorExpr); ok && s.Sel.Name == "Tx" {
				return true
			}
		}
	}
	return false
}

// What several cycles did is added up, and what waits is what the last of them says: `run --once` must not end as if Salesforce had
// answered everything.
func TestTheReportOfSeveralCycles(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	total := Report{}.Plus(Report{Made: 1, Held: 2}).Plus(Report{Made: 2, Held: 1, Behind: since})
	if total.Made != 3 || total.Held != 1 || !total.Behind.Equal(since) {
		t.Errorf("got %+v", total)
	}
	if total = total.Plus(Report{}); !total.Behind.IsZero() {
		t.Errorf("caught up, it is behind since %s", total.Behind)
	}
}
