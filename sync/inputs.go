package sync

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

// Inputs is what is in force during one cycle.
type Inputs struct {
	Mapping   *mapping.Mapping
	Reference *xero.Reference
	Place     plan.Place
}

// mappings are the mapping in force, those before it, and what Salesforce said of their conditions.
type mappings struct {
	compiled   compiled
	earlier    map[string]*mapping.Mapping // by hash: earlier mappings that records are still compared under
	asked      map[string]bool             // conditions that Salesforce takes
	parentless map[string]bool             // of them those that it does not take by the ids of parents
}

// compiled is the mapping in force, and what it was compiled from.
type compiled struct {
	mapping   *mapping.Mapping
	text      string
	hash      string
	described time.Time // when Salesforce's describe was read
	refused   string    // hash of the last text that was refused; "" since a good one
	again     time.Time // when a text is tried again that was refused for what Xero lacks; zero: when it is edited
}

const (
	describeEvery = 6 * time.Hour
	codesAgain    = 15 * time.Minute
)

func (c *Cycle) inputs(ctx context.Context) (Inputs, error) {
	if err := c.begin(ctx); err != nil {
		return Inputs{}, err
	}
	c.Log.Report.Began = c.xeroNow()
	m, err := c.mappingInForce(ctx)
	if err != nil {
		return Inputs{}, err
	}
	ref, err := c.referenceInForce(ctx, m)
	if err != nil {
		return Inputs{}, err
	}
	return Inputs{Mapping: m, Reference: ref, Place: c.session.place}, c.mayInvoice(ref)
}

// mayInvoice refuses a sandbox in front of books that are in earnest: it is a copy of the company, and each of its deals
// would be invoiced once more.
func (c *Cycle) mayInvoice(ref *xero.Reference) error {
	if !c.session.place.Sandbox || ref.Organisation.IsDemoCompany || c.Settings.AllowSandbox {
		return nil
	}
	return &remote.Error{API: "Xero", Op: "GET /Organisation", Class: remote.BadConfig,
		Message: fmt.Sprintf("Salesforce (org %s) is a sandbox, and %q is no demo company: the copy of a deal would stand in its books beside the deal's own invoice",
			c.session.place.Org, ref.Organisation.Name),
		Remedy: "Connect a demo company, or set xero.allow_sandbox: true (SF2XERO_XERO_ALLOW_SANDBOX) if these books are for trying out"}
}

// compile checks the mapping against the org's own describe and against the links that exist.
func (c *Cycle) compile(ctx context.Context, file string, text []byte) (*mapping.Mapping, error) {
	m, problems, err := c.draft(ctx, file, text)
	switch {
	case err != nil:
		return nil, err
	case len(problems) > 0:
		return nil, &MappingProblems{Problems: problems}
	}
	return m, nil
}

// draft compiles what can be compiled: with problems, only to find out what else is wrong. It is nil when the text is not even YAML.
func (c *Cycle) draft(ctx context.Context, file string, text []byte) (*mapping.Mapping, []mapping.Problem, error) {
	parsed, mistakes := mapping.Parse(file, text)
	if parsed == nil {
		return nil, mistakes, nil
	}
	var schema mapping.Schema
	missing := parsed.Objects()
	for range 10 { // each round goes one relationship further; Salesforce allows five
		known, err := c.schema(ctx, schema, missing)
		if err != nil {
			return parsed.Draft(schema), mistakes, unless(mistakes, err)
		}
		schema = known
		m, unknown, problems := parsed.Compile(schema)
		if missing = unknown; len(missing) > 0 {
			continue // more may be wrong behind them
		}
		if len(problems) == 0 {
			problems = mistakes
		}
		if m == nil || len(problems) > 0 {
			return parsed.Draft(schema), problems, nil
		}
		problems, err = c.keepsEntries(file, m)
		return m, problems, err
	}
	return parsed.Draft(schema), mistakes, unless(mistakes, fmt.Errorf("%s: its relationships go too deep", file))
}

// unless lets what is wrong with a file itself be told before what else went wrong.
func unless(mistakes []mapping.Problem, err error) error {
	if len(mistakes) > 0 {
		return nil
	}
	return err
}

// keepsEntries refuses a mapping that has lost an entry with links: its name is part of the identity of every document
// it made, and under another name each of them would be made again.
func (c *Cycle) keepsEntries(file string, m *mapping.Mapping) (problems []mapping.Problem, err error) {
	err = c.Store.View(func(tx *store.Tx) error {
		linked := tx.LinkedEntries()
		for _, name := range document.SortedNames(linked) {
			if m.Entry(name) == nil && !c.safeguardsOff.EntryIdentity {
				problems = append(problems, mapping.Problem{File: file, Line: 1, Column: 1,
					Text: fmt.Sprintf("the entry %q has %d linked documents in Xero and is no longer in the mapping; put it back under its old name", name, linked[name])})
			}
		}
		return nil
	})
	return problems, err
}

// MappingProblems is a mapping file that cannot be used, with every problem and its place.
type MappingProblems struct {
	Problems []mapping.Problem
	Xero     bool // it is what Xero lacks, which may be mended there
}

func (e *MappingProblems) Error() string {
	var lines []string
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// has is true when the reference data that was read covers what the mapping needs.
func has(read, needs xero.Needs) bool {
	return (read.Tracking || !needs.Tracking) && (read.Items || !needs.Items) && (read.Themes || !needs.Themes)
}

// needsOf spares the lists that the mapping has no use for.
func needsOf(m *mapping.Mapping) xero.Needs {
	var needs xero.Needs
	for _, e := range m.Documents {
		for _, field := range e.Targets() {
			switch {
			case strings.Contains(field, "Tracking"):
				needs.Tracking = true
			case strings.HasSuffix(field, "ItemCode"):
				needs.Items = true
			case strings.HasSuffix(field, "BrandingThemeID"):
				needs.Themes = true
			}
		}
	}
	return needs
}
