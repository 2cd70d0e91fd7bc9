package sync

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"sf2xero/mapping"
	"sf2xero/store"
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
	log := Log{Logger: zerolog.New(&out), place: plan.Place{Org: spokenOrg, Tenant: "t", Instance: "https://example.my.salesforce.com"}}
	invoice := store.Link{Key: spokenDeal, Kind: "Invoices", XeroID: spokenInvoice, Number: "INV-0007", Status: "DRAFT", Origin: "rebuilt",
		Seen: json.RawMessage(`{"InvoiceID":"` + spokenInvoice + `","Reference":"Zanzibar 77","Total":2760.00,"CurrencyCode":"NZD","Contact":{"Name":"Zanzibar Ferries"}}`)}
	contact := store.Link{Key: spokenAccount, Kind: "Contacts", XeroID: spokenContact, Number: "Zanzibar Ferries", Status: "ACTIVE", Origin: "adopted", Seen: json.RawMessage(`{"Name":"Zanzibar Ferries"}`)}
	for _, link := range []store.Link{invoice, contact} {
		log.created(link)
		log.updated(link)
		if link.Kind == "Contacts" {
			log.contactAdopted(link, "AccountNumber agrees; Name differs")
		} else {
			log.adopted(link)
		}
		log.statusChanged(link, "PAID")
	}
	log.promoted(invoice)
	log.deleted(invoice)
	log.held(spokenDeal, plan.Held("deal.unwon", plan.Accountant, "INV-0007 stands", "void it"))
	log.held(spokenDeal, plan.Held("contact.near_miss", plan.Sales, "nearly Zanzibar", "rename it"))
	log.manyHeld("deal.unseen", 40)
	log.released(spokenDeal, plan.Held("contact.near_miss", plan.Sales, "nearly Zanzibar", "rename it"))
	log.finding(spokenDeal, spokenInvoice, "deal.cloned", "INV-0007")
	log.finding(spokenDeal, spokenInvoice, "invoice.differs", `Reference is "Zanzibar" instead of "Zanzibar 77"`)
	log.finding(spokenAccount, "", "contact.renamed", "now Zanzibar")
	log.finding(spokenAccount, "", "xero.warning", "Zanzibar owes much")
	log.differs(store.Link{Key: spokenDeal, XeroID: spokenInvoice, Number: "INV-0007", Mismatch: `Reference is "Zanzibar" instead of "Zanzibar 77"`})
	log.otherwise("LineItems.DiscountRate", plan.Otherwise{Line: 34})
	log.watched("Invoices", 3, true)
	log.pulled(3, true)
	log.swept(3)
	log.referenceChanged([]xero.Part{xero.PartCurrencies})
	log.quarantineOver()
	log.leaseTaken(2, time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))
	log.leaseWaits("acme-1, store 7", time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))
	log.leaseOther("acme-1, store 7", time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))
	log.leaseGone()
	log.markLost("Invoices", spokenInvoice)
	refusal := &remote.Error{API: "Xero", Op: "PUT /api.xro/2.0/Invoices", Class: remote.BadRecord, Status: 400, Message: "the contact name Zanzibar Ferries is already assigned", RequestID: "r"}
	log.callFailed(store.Intent{Do: "create", Members: []store.Member{{Key: spokenDeal}}}, refusal)
	log.settled(store.Intent{Do: "create"}, 1, 2)
	log.waits()
	log.standDown(zerolog.TimestampFunc(), "a minute's calls")
	sent := json.RawMessage(`{"Xero_Sync_Error__c":"nearly Zanzibar Ferries","Xero_Total__c":12.00,"Xero_Status__c":null}`)
	log.wroteBack(spokenDeal, sent, 0)
	for _, code := range []string{"ENTITY_IS_LOCKED", "STRING_TOO_LONG", "FIELD_CUSTOM_VALIDATION_EXCEPTION"} {
		message := "data value too large: nearly Zanzibar Ferries"
		switch code {
		case "STRING_TOO_LONG":
			message = "data value too large: nearly Zanzib… (max length=8)"
		case "FIELD_CUSTOM_VALIDATION_EXCEPTION":
			message = "the customer Zanzibar is closed"
		}
		log.writeBackRefused(spokenDeal, sent, &remote.Error{API: "Salesforce", Class: remote.BadRecord, Code: code, Message: message})
	}
	log.started(log.place, "the store is new")
	log.Stopped()
	log.mappingLoaded("mapping.yaml", &mapping.Mapping{Hash: "0123456789abcdef"})
	log.mappingRefused("mapping.yaml:1:1: no")
	log.mappingAccepted("mapping.yaml", &mapping.Mapping{Hash: "0123456789abcdef"})
	log.letIn(&mapping.Entry{Name: document.Invoices}, 3, "2026-11-27")
	log.letIn(&mapping.Entry{Name: document.Invoices}, 0, "")
	log.pullBehind(document.Invoices, time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), errors.New("no"), 1)
	log.pullCaughtUp(document.Invoices, 2)
	log.cycleDone(Report{})
	log.cycleFailed(errors.New("no"), 1)
	log.recovered(2)
	log.backedUp("sf2xero.db.backup-2026-11-21", 65536)
	log.backupFailed(errors.New("no"), 1)
	log.failed("something", errors.New("no"))
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
	for name, file := range sources(t, ".") {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				switch body := calls(f); {
				case name == "events_test.go":
					test += body
				case !strings.HasSuffix(name, "_test.go"):
					code += body
				}
			}
		}
	}
	if entries, err := os.ReadDir(filepath.Join("..", "cmd", "sf2xero")); err != nil || len(entries) == 0 {
		t.Fatal(err)
	}
	for name, file := range sources(t, filepath.Join("..", "cmd", "sf2xero")) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && !strings.HasSuffix(name, "_test.go") {
				code += calls(f)
			}
		}
	}
	found := 0
	for _, d := range sources(t, ".")["events.go"].Decls {
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

// Pure files return values, they do not log: only events.go knows the library.
func TestOnlyEventsKnowsTheLogLibrary(t *testing.T) {
	t.Parallel()
	known := 0
	for name, file := range sources(t, ".") {
		for _, i := range file.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			if strings.HasPrefix(path, "github.com/rs/zerolog") && !strings.HasSuffix(name, "_test.go") {
				if known++; name != "events.go" {
					t.Errorf("%s imports %s", name, path)
				}
			}
		}
	}
	if known == 0 {
		t.Error("nobody imports the log library")
	}
}

// Money is decimal from wire to wire: the one binary fraction of the program is the jitter of retries.
func TestNoBinaryFractionNearMoney(t *testing.T) {
	t.Parallel()
	read := 0
	for _, root := range []string{".", "../mapping", "../xero", "../store"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				switch filepath.ToSlash(path) {
				case "remote", "faults", "../xero/xerotest": // pacing, latencies; what is not ours
					return fs.SkipDir
				}
				return nil
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			read++
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					return n.Name.Name != "jitter"
				case *ast.Ident:
					if strings.Contains(strings.ToLower(n.Name), "float") {
						t.Errorf("%s has %s", path, n.Name)
					}
				case *ast.BasicLit:
					if n.Kind == token.FLOAT {
						t.Errorf("%s has the number %s", path, n.Value)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 60 {
		t.Errorf("only %d files were read", read)
	}
}
