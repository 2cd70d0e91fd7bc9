package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
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

// mappingInForce reads the mapping file anew when its content changed. One that does not compile, or whose condition
// Salesforce refuses, is told once, and the one before stays in force: a typing mistake must not stop a company's invoices.
func (c *Cycle) mappingInForce(ctx context.Context) (*mapping.Mapping, error) {
	file, text, err := c.Mapping()
	if err != nil {
		if c.mappings.compiled.mapping != nil {
			c.refuseMapping("unreadable: "+err.Error(), err.Error())
			return c.mappings.compiled.mapping, nil
		}
		return nil, &remote.Error{API: "mapping", Op: "read", Class: remote.BadConfig, Message: err.Error(), Remedy: "Set `mapping` to the mapping file"}
	}
	hash := plan.Digest(text)
	fresh := c.salesforceNow().Sub(c.mappings.compiled.described) < describeEvery
	known := hash == c.mappings.compiled.hash || hash == c.mappings.compiled.refused && (c.mappings.compiled.again.IsZero() || c.xeroNow().Before(c.mappings.compiled.again))
	if c.mappings.compiled.mapping != nil && known && fresh {
		c.acceptMapping(file, hash)
		return c.mappings.compiled.mapping, nil
	}
	var earlier map[string]*mapping.Mapping
	m, err := c.compileWhole(ctx, file, text)
	if err == nil {
		earlier, err = c.compileEarlier(ctx, file, hash, m)
	}
	if err == nil {
		err = c.hasCodes(ctx, m, earlier)
	}
	var problems *MappingProblems
	switch {
	case err == nil:
	case c.mappings.compiled.mapping != nil && errors.As(err, &problems):
		c.refuseMapping(hash, err.Error())
		c.mappings.compiled.described, c.mappings.compiled.again = c.salesforceNow(), time.Time{}
		if problems.Xero {
			c.mappings.compiled.again = c.xeroNow().Add(codesAgain)
		}
		return c.mappings.compiled.mapping, nil
	default:
		return nil, err
	}
	if err := c.noteCondition(m); err != nil {
		return nil, err
	}
	c.mappings.earlier = earlier
	if c.mappings.compiled.mapping == nil || c.mappings.compiled.mapping.Hash != m.Hash {
		c.puller.at = time.Time{} // nothing is planned by an edited mapping before both sides were read under it
	}
	c.mappings.compiled = compiled{mapping: m, text: string(text), hash: hash, described: c.salesforceNow(), refused: c.mappings.compiled.refused}
	if err := c.writeWithheld(); err != nil {
		return nil, err
	}
	c.acceptMapping(file, hash)
	c.Log.MappingLoaded(file, m)
	return m, nil
}

// compileWhole compiles a mapping and has Salesforce look at its conditions. One with mistakes is looked at by Xero, too, as far as it
// can be: whoever writes a mapping is told of everything at once, and of nothing that is let be when the rest is mended.
func (c *Cycle) compileWhole(ctx context.Context, file string, text []byte) (*mapping.Mapping, error) {
	m, mistakes, err := c.draft(ctx, file, text)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, &MappingProblems{Problems: mistakes}
	}
	refused, err := c.askConditions(ctx, m, mistakes)
	if err != nil && len(mistakes) == 0 {
		return nil, err
	}
	all := append(slices.Clone(mistakes), refused...)
	if len(all) == 0 {
		return m, nil
	}
	var lacks *MappingProblems
	earlier, err := c.compileEarlier(ctx, file, plan.Digest(text), m) // a process that has just begun remembers none
	if err == nil {
		err = c.hasCodes(ctx, m, earlier)
	}
	if errors.As(err, &lacks) { // any other failure is told when these are mended
		all = append(all, lacks.Problems...)
	}
	return nil, &MappingProblems{Problems: mapping.Sorted(all)}
}

// refuseMapping tells once why a text does not come into force.
func (c *Cycle) refuseMapping(hash, why string) {
	if c.mappings.compiled.refused != hash {
		c.Log.MappingRefused(why)
	}
	c.mappings.compiled.refused = hash
}

// acceptMapping tells, after a refusal, that what the file says now is in force: also when that is what it said before.
func (c *Cycle) acceptMapping(file, hash string) {
	if c.mappings.compiled.refused != "" && hash == c.mappings.compiled.hash {
		c.Log.MappingAccepted(file, c.mappings.compiled.mapping)
		c.mappings.compiled.refused = ""
	}
}

// askConditions asks Salesforce whether it takes the conditions of a mapping, without any rows, before they come into force:
// one that it refuses would stop every pull. One that has mistakes of its own is not asked about.
func (c *Cycle) askConditions(ctx context.Context, m *mapping.Mapping, mistakes []mapping.Problem) (problems []mapping.Problem, err error) {
	var entries []*mapping.Entry
	var selects []salesforce.Select
	for _, e := range pushOrder(m) {
		if e == nil || e.Where == "" || c.mappings.asked[e.Condition()] || slices.ContainsFunc(mistakes, m.ConcernsWhere(e)) {
			continue
		}
		entries, selects = append(entries, e), append(selects, salesforce.Select{From: e.From, Where: e.Where})
		for _, parent := range e.Parents {
			selects = append(selects, changedParents(parent, c.salesforceNow(), c.salesforceNow()), childrenOf(e, parent, []string{noID}))
		}
	}
	refusals, err := c.Salesforce.Takes(ctx, selects...)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		bare := refusals[0]
		byParents := refusals[1 : 1+2*len(e.Parents)]
		refusals = refusals[1+2*len(e.Parents):]
		if bare != nil {
			problems = append(problems, m.WhereProblem(e, "Salesforce refuses this condition: "+strings.TrimRight(bare.Message, ". ")+". "+bare.Remedy))
			continue
		}
		for i, parent := range e.Parents {
			if refusal := cmp.Or(byParents[2*i], byParents[2*i+1]); refusal != nil {
				// What a change of that record lets in is found by the nightly comparison only.
				c.Log.Failed("ask which "+e.From+" records a changed "+parent.Path+" lets in; the nightly comparison finds them", refusal)
				c.mappings.parentless = with(c.mappings.parentless, parentKey(e, parent))
			}
		}
		c.mappings.asked = with(c.mappings.asked, e.Condition())
	}
	return problems, nil
}

func with(set map[string]bool, word string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[word] = true
	return set
}

// valueCondition + a mapping's hash: which records it asked for, so that a record which stops matching is not put down to
// an edit that has nothing to do with it. valueCustomers is the same for accounts, and valueWhere + either of them the words.
const (
	valueCondition = "condition/"
	valueCustomers = "customers/"
	valueWhere     = "where/"
)

func (c *Cycle) noteCondition(m *mapping.Mapping) error {
	condition, words := []byte{}, ""
	for _, e := range m.Documents {
		condition, words = fmt.Appendln(condition, e.Name, e.Condition()), e.Where
	}
	customers := fmt.Appendln(nil, m.Contacts.Condition())
	if noted, err := c.noted(valueCustomers + m.Hash); err != nil || noted != "" {
		return err
	}
	return c.Store.Update(func(tx *store.Tx) error {
		deals, accounts := plan.Digest(condition), plan.Digest(customers)
		return errors.Join(tx.SetValue(valueCondition+m.Hash, deals), tx.SetValue(valueCustomers+m.Hash, accounts),
			tx.SetValue(valueWhere+deals, words), tx.SetValue(valueWhere+accounts, m.Contacts.Where))
	})
}
