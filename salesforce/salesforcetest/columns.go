package salesforcetest

// A query with columns=true is answered with what it selects instead of with rows. Salesforce's own command line asks so for each
// query it prints; it is documented for the Tooling API only.

type columnMetadata struct {
	Aggregate      bool             `json:"aggregate"`
	ApexType       *string          `json:"apexType"`
	BooleanType    bool             `json:"booleanType"`
	ColumnName     string           `json:"columnName"`
	Custom         bool             `json:"custom"`
	DisplayName    string           `json:"displayName"`
	ForeignKeyName *string          `json:"foreignKeyName"`
	Insertable     bool             `json:"insertable"`
	JoinColumns    []columnMetadata `json:"joinColumns"`
	NumberType     bool             `json:"numberType"`
	TextType       bool             `json:"textType"`
	Updatable      bool             `json:"updatable"`
}

type queryColumns struct {
	ColumnMetadata []columnMetadata `json:"columnMetadata"`
	EntityName     string           `json:"entityName"`
	GroupBy        bool             `json:"groupBy"`
	IDSelected     bool             `json:"idSelected"`
	KeyPrefix      string           `json:"keyPrefix"`
}

func columnsOf(p *plan) queryColumns {
	q := queryColumns{ColumnMetadata: joined(p.node), EntityName: p.obj.name, KeyPrefix: p.obj.prefix}
	if p.count {
		q.ColumnMetadata = []columnMetadata{{Aggregate: true, ColumnName: "expr0", DisplayName: "count()", NumberType: true, JoinColumns: []columnMetadata{}}}
	}
	for _, c := range p.node.cols {
		q.IDSelected = q.IDSelected || c.up == nil && c.child == nil && c.f.kind == kindID
	}
	return q
}

// joined are the columns of one record: a parent and a child query each hold theirs as joinColumns, a child query as an aggregate.
func joined(n *node) []columnMetadata {
	all := []columnMetadata{}
	for _, c := range n.cols {
		m := columnMetadata{ColumnName: c.name, DisplayName: c.name, JoinColumns: []columnMetadata{}}
		switch {
		case c.child != nil:
			m.Aggregate, m.JoinColumns = true, joined(c.child.node)
		case c.up != nil:
			m.ForeignKeyName, m.JoinColumns, m.Custom = &c.f.name, joined(c.up), c.f.custom
		default:
			m.ApexType, m.Custom = apexType(c.f.kind), c.f.custom
			m.BooleanType, m.NumberType, m.TextType = c.f.kind == kindBool, c.f.kind.numeric(), c.f.kind.textual()
			m.Insertable, m.Updatable = c.f.createable && !c.f.frozen, c.f.updateable && !c.f.frozen
		}
		all = append(all, m)
	}
	return all
}

func apexType(k kind) *string {
	name := "String"
	switch {
	case k.isID():
		name = "Id"
	case k == kindInt:
		name = "Integer"
	case k.numeric():
		name = "Double"
	case k == kindBool:
		name = "Boolean"
	case k == kindDate:
		name = "Date"
	case k == kindTime:
		name = "Datetime"
	case k == kindAddress:
		name = "Address"
	}
	return &name
}
