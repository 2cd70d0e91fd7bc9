package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// compiled is the mapping in force, and what it was compiled from.
type compiled struct {
	mapping   *mapping.Mapping
	text      string
	hash      string
	described time.Time // when Salesforce's describe was read
	refused   string    // hash of the last text that did not compile
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
	c.report.began = c.xeroNow()
	m, err := c.mappingInForce(ctx)
	if err != nil {
		return Inputs{}, err
	}
	ref, err := c.referenceInForce(ctx, m)
	if err != nil {
		return Inputs{}, err
	}
	return Inputs{Mapping: m, Reference: ref, Place: c.place}, c.mayInvoice(ref)
}

// mayInvoice refuses a sandbox in front of books that are in earnest: it is a copy of the company, and each of its deals
// would be invoiced once more.
func (c *Cycle) mayInvoice(ref *xero.Reference) error {
	if !c.place.Sandbox || ref.Organisation.IsDemoCompany || c.Settings.AllowSandbox {
		return nil
	}
	return &remote.Error{API: "Xero", Op: "GET /Organisation", Class: remote.BadConfig,
		Message: fmt.Sprintf("Salesforce (org %s) is a sandbox, and %q is no demo company: the copy of a deal would stand in its books beside the deal's own invoice",
			c.place.Org, ref.Organisation.Name),
		Remedy: "Connect a demo company, or set xero.allow_sandbox: true (SF2XERO_XERO_ALLOW_SANDBOX) if these books are for trying out"}
}

// mappingInForce reads the mapping file anew when its content changed. One that does not compile is told once, and the
// one before stays in force: a typing mistake must not stop a company's invoices.
func (c *Cycle) mappingInForce(ctx context.Context) (*mapping.Mapping, error) {
	file, text, err := c.Mapping()
	if err != nil {
		if c.compiled.mapping != nil {
			c.Log.mappingRefused(err.Error())
			return c.compiled.mapping, nil
		}
		return nil, &remote.Error{API: "mapping", Op: "read", Class: remote.BadConfig, Message: err.Error(), Remedy: "Set `mapping` to the mapping file"}
	}
	hash := plan.Digest(text)
	fresh := c.salesforceNow().Sub(c.compiled.described) < describeEvery
	known := hash == c.compiled.hash || hash == c.compiled.refused && (c.compiled.again.IsZero() || c.xeroNow().Before(c.compiled.again))
	if c.compiled.mapping != nil && known && fresh {
		return c.compiled.mapping, nil
	}
	var earlier map[string]*mapping.Mapping
	m, err := c.compile(ctx, file, text)
	if err == nil {
		earlier, err = c.compileEarlier(ctx, file, hash, m)
	}
	if err == nil {
		err = c.hasCodes(ctx, m, earlier)
	}
	var problems *MappingProblems
	switch {
	case err == nil:
	case c.compiled.mapping != nil && errors.As(err, &problems):
		if hash != c.compiled.refused {
			c.Log.mappingRefused(err.Error())
		}
		c.compiled.refused, c.compiled.described, c.compiled.again = hash, c.salesforceNow(), time.Time{}
		if problems.Xero {
			c.compiled.again = c.xeroNow().Add(codesAgain)
		}
		return c.compiled.mapping, nil
	default:
		return nil, err
	}
	if err := c.noteCondition(m); err != nil {
		return nil, err
	}
	c.earlier = earlier
	c.compiled = compiled{mapping: m, text: string(text), hash: hash, described: c.salesforceNow()}
	if err := c.writeWithheld(); err != nil {
		return nil, err
	}
	c.wantsApproval = slices.ContainsFunc(m.Documents, func(e *mapping.Entry) bool { return e.Status != "DRAFT" })
	c.Log.mappingLoaded(file, m)
	return m, nil
}

// valueCondition + a mapping's hash: which records it asked for, so that a record which stops matching is not put down to
// an edit that has nothing to do with it. valueCustomers is the same for accounts.
const (
	valueCondition = "condition/"
	valueCustomers = "customers/"
)

func (c *Cycle) noteCondition(m *mapping.Mapping) error {
	condition := []byte{}
	for _, e := range m.Documents {
		condition = fmt.Appendln(condition, e.Name, e.From, e.Where, m.Start)
	}
	customers := fmt.Appendln(nil, m.Contacts.From, m.Contacts.Where)
	if noted, err := c.noted(valueCustomers + m.Hash); err != nil || noted != "" {
		return err
	}
	return c.Store.Update(func(tx *store.Tx) error {
		return errors.Join(tx.SetValue(valueCondition+m.Hash, plan.Digest(condition)), tx.SetValue(valueCustomers+m.Hash, plan.Digest(customers)))
	})
}

// compile checks the mapping against the org's own describe and against the links that exist.
func (c *Cycle) compile(ctx context.Context, file string, text []byte) (*mapping.Mapping, error) {
	parsed, problems := mapping.Parse(file, text)
	if len(problems) > 0 {
		return nil, &MappingProblems{Problems: problems}
	}
	schema, err := c.schema(ctx, nil, parsed.Objects())
	if err != nil {
		return nil, err
	}
	for range 10 { // each round goes one relationship further; Salesforce allows five
		m, missing, problems := parsed.Compile(schema)
		if len(problems) > 0 {
			return nil, &MappingProblems{Problems: problems}
		}
		if len(missing) == 0 {
			return m, c.keepsEntries(file, m)
		}
		if schema, err = c.schema(ctx, schema, missing); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: its relationships go too deep", file)
}

// keepsEntries refuses a mapping that has lost an entry with links: its name is part of the identity of every document
// it made, and under another name each of them would be made again.
func (c *Cycle) keepsEntries(file string, m *mapping.Mapping) error {
	var problems []mapping.Problem
	if err := c.Store.View(func(tx *store.Tx) error {
		linked := tx.LinkedEntries()
		for _, name := range document.SortedNames(linked) {
			if entryOf(m, name) == nil && !c.safeguardsOff.EntryIdentity {
				problems = append(problems, mapping.Problem{File: file, Line: 1, Column: 1,
					Text: fmt.Sprintf("the entry %q has %d linked documents in Xero and is no longer in the mapping; put it back under its old name", name, linked[name])})
			}
		}
		return nil
	}); err != nil || len(problems) == 0 {
		return err
	}
	return &MappingProblems{Problems: problems}
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
