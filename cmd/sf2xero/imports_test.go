package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows says which of our packages each may import, and what its tests may import on top of that. A package that is not
// in here is a decision somebody has to take: where it stands, and what it may see.
var arrows = map[string]struct{ code, tests []string }{
	"cmd/sf2xero": {
		code:  []string{"sync", "sync/events", "sync/plan", "sync/document", "sync/remote", "sync/faults", "mapping", "salesforce", "xero", "store", "salesforce/salesforcetest", "xero/xerotest"},
		tests: []string{"xero/xerotest/conform", "store/storetest"},
	},
	"sync": {
		code:  []string{"sync/state", "sync/events", "sync/plan", "sync/document", "mapping", "salesforce", "xero", "store", "sync/remote"},
		tests: []string{"sync/faults", "salesforce/salesforcetest", "xero/xerotest", "xero/xerotest/conform", "store/storetest"},
	},
	"sync/state":    {code: []string{"sync/plan", "sync/document", "sync/events", "sync/remote", "mapping", "store", "xero"}},
	"sync/events":   {code: []string{"sync/plan", "sync/document", "sync/remote", "mapping", "store", "xero"}, tests: []string{"store/storetest"}},
	"sync/plan":     {code: []string{"sync/document", "mapping", "store", "xero"}},
	"sync/document": {code: []string{"store", "xero"}, tests: []string{"mapping"}},
	"salesforce": {
		code:  []string{"sync/remote"},
		tests: []string{"sync/faults", "salesforce/salesforcetest"},
	},
	"xero": {
		code:  []string{"sync/remote"},
		tests: []string{"sync/faults", "xero/xerotest", "xero/xerotest/conform"},
	},
	"mapping":                   {},
	"store":                     {tests: []string{"store/storetest"}},
	"store/storetest":           {code: []string{"store"}},
	"sync/remote":               {},
	"sync/faults":               {},
	"salesforce/salesforcetest": {},
	"xero/xerotest":             {tests: []string{"xero/xerotest/conform"}},
	"xero/xerotest/conform":     {tests: []string{"xero/xerotest"}},
}

// libraries says where a library may be imported: what hides behind one package can be replaced there.
var libraries = map[string][]string{
	"github.com/simpleforce/simpleforce": {"salesforce"},
	"github.com/spf13/cobra":             {"cmd/sf2xero"},
	"github.com/spf13/viper":             {"cmd/sf2xero"},
	"github.com/rs/zerolog":              {"cmd/sf2xero", "sync/events"},
	"go.etcd.io/bbolt":                   {"store"},
	"golang.org/x/oauth2":                {"salesforce", "xero"},
	"go.yaml.in/yaml/v4":                 {"cmd/sf2xero", "mapping", "xero/xerotest/conform"},
	"github.com/getkin/kin-openapi":      {"xero/xerotest/conform"},
}

type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// name is the package's folder: what stands behind the module's name.
func (p goPackage) name() string { return ours(p.ImportPath) }

func ours(path string) string {
	name, _ := strings.CutPrefix(path, "sf2xero/")
	return name
}

func isOurs(path string) bool { return strings.HasPrefix(path, "sf2xero/") }

func goList(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	return out
}

func ourPackages(t *testing.T) []goPackage {
	t.Helper()
	var packages []goPackage
	decoder := json.NewDecoder(bytes.NewReader(goList(t, "-json=ImportPath,Imports,TestImports,XTestImports", "./...")))
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) == 0 {
		t.Fatal("go list found no package")
	}
	return packages
}

func TestImportArrows(t *testing.T) {
	t.Parallel()
	for _, p := range ourPackages(t) {
		allowed, known := arrows[p.name()]
		if !known {
			t.Errorf("%s is not in the table of arrows: decide what it may import", p.name())
			continue
		}
		for _, path := range p.Imports {
			if isOurs(path) && !slices.Contains(allowed.code, ours(path)) {
				t.Errorf("%s imports %s", p.name(), ours(path))
			}
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			if isOurs(path) && ours(path) != p.name() && !slices.Contains(allowed.code, ours(path)) && !slices.Contains(allowed.tests, ours(path)) {
				t.Errorf("the tests of %s import %s", p.name(), ours(path))
			}
		}
	}
}

func TestLibrariesStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	for _, p := range ourPackages(t) {
		for _, path := range p.Imports {
			for library, places := range libraries {
				if (path == library || strings.HasPrefix(path, library+"/")) && !slices.Contains(places, p.name()) {
					t.Errorf("%s imports %s; only %s may", p.name(), path, strings.Join(places, ", "))
				}
			}
		}
	}
}

// The emulators are part of the product: `demo` runs them.
func TestTheBinaryCarriesNoTestMachinery(t *testing.T) {
	t.Parallel()
	for path := range strings.FieldsSeq(string(goList(t, "-deps", "./cmd/sf2xero"))) {
		for _, unwanted := range []string{"testing", "net/http/httptest", "github.com/getkin/kin-openapi", "pgregory.net/rapid", "github.com/google/go-cmp", "github.com/rogpeppe/go-internal"} {
			if path == unwanted || strings.HasPrefix(path, unwanted+"/") {
				t.Errorf("the binary contains %s", path)
			}
		}
	}
}
