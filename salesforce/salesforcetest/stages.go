package salesforcetest

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// furnishStages gives a new org the stages of a sales process.
func (o *Org) furnishStages(boot func(*object, string, map[string]any)) {
	for i, s := range standardStages {
		boot(o.objects["opportunitystage"], "", map[string]any{
			"MasterLabel": s.name, "ApiName": s.name, "IsActive": true, "SortOrder": i + 1, "IsClosed": s.closed, "IsWon": s.won,
			"DefaultProbability": s.probability, "ForecastCategoryName": forecastOf(s.closed, s.won),
		})
	}
}

func forecastOf(closed, won bool) string {
	switch {
	case won:
		return "Closed"
	case closed:
		return "Omitted"
	}
	return "Pipeline"
}

// stage finds a stage that the org has, inactive or not; nil for a text that is none, which the API takes all the same.
func (o *Org) stage(name string) *row {
	for _, r := range o.objects["opportunitystage"].rows {
		if strings.EqualFold(r.text("ApiName"), name) && !r.deleted() {
			return r
		}
	}
	return nil
}

// AddStage adds a stage to the sales process, as an administrator does in Setup.
func (o *Org) AddStage(name string, closed, won bool, probability int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stage(name) != nil {
		return fmt.Errorf("salesforcetest: there is a stage %q already", name)
	}
	return o.addStage(name, closed, won, probability).asError()
}

func (o *Org) addStage(name string, closed, won bool, probability int) *refusal {
	stages := o.objects["opportunitystage"]
	_, err := o.insert(stages, map[string]any{
		"MasterLabel": name, "ApiName": name, "IsActive": true, "SortOrder": len(stages.rows) + 1, "IsClosed": closed || won, "IsWon": won,
		"DefaultProbability": probability, "ForecastCategoryName": forecastOf(closed || won, won),
	}, origin{hand: true})
	o.schemaAt = o.now()
	return err
}

// inStage are the live deals of a stage.
func (o *Org) inStage(name string) []*row {
	var deals []*row
	for _, r := range o.objects["opportunity"].rows {
		if strings.EqualFold(r.text("StageName"), name) && !r.deleted() {
			deals = append(deals, r)
		}
	}
	return deals
}

// ReplaceStage gives all deals of one stage another one, which the org has (Setup, Replace), and says how many there were. They
// follow it at once: whether they are won, and their stamps. No rule, flow or trigger runs.
func (o *Org) ReplaceStage(from, to string) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stage(to) == nil {
		return 0, fmt.Errorf("salesforcetest: there is no stage %q to replace %q by; AddStage makes one", to, from)
	}
	deals := o.inStage(from)
	for _, r := range deals {
		if err := o.change(r, map[string]any{"StageName": to}, origin{hand: true}); err != nil {
			return 0, err.asError()
		}
	}
	return len(deals), nil
}

// RenameStage gives a stage another name (Setup, Edit), and says how many deals show it now. They are as won as before;
// their SystemModstamp moves, their LastModifiedDate does not.
func (o *Org) RenameStage(from, to string) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.stage(from)
	if s == nil {
		return 0, fmt.Errorf("salesforcetest: there is no stage %q", from)
	}
	if err := o.change(s, map[string]any{"MasterLabel": to, "ApiName": to}, origin{hand: true}); err != nil {
		return 0, err.asError()
	}
	o.schemaAt = o.now()
	deals := o.inStage(from)
	for _, r := range deals {
		o.touch(r, "StageName", to)
	}
	return len(deals), nil
}

// touch sets a field as Salesforce's own code does: only SystemModstamp moves.
func (o *Org) touch(r *row, field string, v any) {
	vals := r.copy()
	d := draft{r.obj, vals}
	d.set(field, v)
	d.set("SystemModstamp", o.now())
	o.put(r, vals, o.late(origin{hand: true}, r.obj, r.id))
}

// learnStages adds the stages that an export uses and nobody has described: what its deals say of being closed and won is the stage's.
func (o *Org) learnStages(deals []*row) {
	for _, r := range deals {
		name := r.text("StageName")
		if name == "" || o.stage(name) != nil {
			continue
		}
		probability := 0
		if p, ok := r.get("Probability").(decimal.Decimal); ok {
			probability = int(p.IntPart())
		}
		o.addStage(name, r.get("IsClosed") == true, r.get("IsWon") == true, probability)
	}
}
