package salesforcetest

import "net/http"

// The shapes below carry the keys of a describe that clients read; their order is the order in which they are written.

type objectSummary struct {
	Name                string            `json:"name"`
	Label               string            `json:"label"`
	LabelPlural         string            `json:"labelPlural"`
	KeyPrefix           string            `json:"keyPrefix"`
	Custom              bool              `json:"custom"`
	Createable          bool              `json:"createable"`
	Updateable          bool              `json:"updateable"`
	Deletable           bool              `json:"deletable"`
	Undeletable         bool              `json:"undeletable"`
	Mergeable           bool              `json:"mergeable"`
	Queryable           bool              `json:"queryable"`
	Retrieveable        bool              `json:"retrieveable"`
	Replicateable       bool              `json:"replicateable"`
	Searchable          bool              `json:"searchable"`
	Layoutable          bool              `json:"layoutable"`
	Triggerable         bool              `json:"triggerable"`
	Activateable        bool              `json:"activateable"`
	CustomSetting       bool              `json:"customSetting"`
	DeprecatedAndHidden bool              `json:"deprecatedAndHidden"`
	URLs                map[string]string `json:"urls"`
}

type fieldDescribe struct {
	Name                string          `json:"name"`
	Label               string          `json:"label"`
	Type                kind            `json:"type"`
	SoapType            string          `json:"soapType"`
	Length              int             `json:"length"`
	ByteLength          int             `json:"byteLength"`
	Digits              int             `json:"digits"`
	Precision           int             `json:"precision"`
	Scale               int             `json:"scale"`
	Calculated          bool            `json:"calculated"`
	CalculatedFormula   *string         `json:"calculatedFormula"`
	CaseSensitive       bool            `json:"caseSensitive"`
	Createable          bool            `json:"createable"`
	Updateable          bool            `json:"updateable"`
	Custom              bool            `json:"custom"`
	DefaultedOnCreate   bool            `json:"defaultedOnCreate"`
	ExternalID          bool            `json:"externalId"`
	IDLookup            bool            `json:"idLookup"`
	NameField           bool            `json:"nameField"`
	Nillable            bool            `json:"nillable"`
	Filterable          bool            `json:"filterable"`
	Sortable            bool            `json:"sortable"`
	Groupable           bool            `json:"groupable"`
	Unique              bool            `json:"unique"`
	RestrictedPicklist  bool            `json:"restrictedPicklist"`
	PicklistValues      []picklistValue `json:"picklistValues"`
	ReferenceTo         []string        `json:"referenceTo"`
	RelationshipName    *string         `json:"relationshipName"`
	RelationshipOrder   *int            `json:"relationshipOrder"`
	RestrictedDelete    bool            `json:"restrictedDelete"`
	AutoNumber          bool            `json:"autoNumber"`
	CascadeDelete       bool            `json:"cascadeDelete"`
	DeprecatedAndHidden bool            `json:"deprecatedAndHidden"`
	CompoundFieldName   *string         `json:"compoundFieldName"`
	InlineHelpText      *string         `json:"inlineHelpText"`
	ExtraTypeInfo       *string         `json:"extraTypeInfo"`
	HTMLFormatted       bool            `json:"htmlFormatted"`
}

type picklistValue struct {
	Value        string `json:"value"`
	Label        string `json:"label"`
	Active       bool   `json:"active"`
	DefaultValue bool   `json:"defaultValue"`
}

type childDescribe struct {
	ChildSObject        string   `json:"childSObject"`
	Field               string   `json:"field"`
	RelationshipName    *string  `json:"relationshipName"`
	CascadeDelete       bool     `json:"cascadeDelete"`
	RestrictedDelete    bool     `json:"restrictedDelete"`
	DeprecatedAndHidden bool     `json:"deprecatedAndHidden"`
	JunctionIDListNames []string `json:"junctionIdListNames"`
	JunctionReferenceTo []string `json:"junctionReferenceTo"`
}

type objectDescribe struct {
	objectSummary
	Fields             []fieldDescribe  `json:"fields"`
	ChildRelationships []childDescribe  `json:"childRelationships"`
	RecordTypeInfos    []recordTypeInfo `json:"recordTypeInfos"`
}

func (o *Org) summary(c *call, obj *object) objectSummary {
	u := c.base() + "/sobjects/" + obj.name
	writable := obj.name != "Organization" && obj.name != "CurrencyType"
	return objectSummary{
		Name: obj.name, Label: obj.label, LabelPlural: obj.plural, KeyPrefix: obj.prefix, Custom: obj.custom, Createable: writable, Updateable: writable, Deletable: writable,
		Undeletable: writable, Mergeable: obj.field("MasterRecordId") != nil, Queryable: true, Retrieveable: true, Replicateable: true, Searchable: true, Layoutable: true, Triggerable: true,
		URLs: map[string]string{"sobject": u, "describe": u + "/describe", "rowTemplate": u + "/{ID}"},
	}
}

func (o *Org) describeGlobal(c *call) answer {
	var all []objectSummary
	for _, obj := range o.ordered {
		all = append(all, o.summary(c, obj))
	}
	return jsonAnswer(http.StatusOK, struct {
		Encoding     string          `json:"encoding"`
		MaxBatchSize int             `json:"maxBatchSize"`
		Sobjects     []objectSummary `json:"sobjects"`
	}{"UTF-8", 200, all})
}

// describe lists only what the integration user may see.
func (o *Org) describe(c *call, obj *object) answer {
	if a, stop := o.conditional(c, o.schemaAt); stop {
		return a
	}
	d := objectDescribe{objectSummary: o.summary(c, obj), Fields: []fieldDescribe{}, ChildRelationships: []childDescribe{}, RecordTypeInfos: o.recordTypeInfos(c, obj)}
	for _, f := range obj.fields {
		if !f.hidden {
			d.Fields = append(d.Fields, o.describeField(obj, f))
		}
	}
	for _, below := range o.ordered {
		for _, f := range below.fields {
			if f.refTo == obj.name && !f.hidden {
				d.ChildRelationships = append(d.ChildRelationships, childDescribe{
					ChildSObject: below.name, Field: f.name, RelationshipName: orNull(f.children), CascadeDelete: f.cascade, RestrictedDelete: f.custom && f.required && !f.cascade, JunctionIDListNames: []string{}, JunctionReferenceTo: []string{},
				})
			}
		}
	}
	a := jsonAnswer(http.StatusOK, d)
	a.header = http.Header{"Last-Modified": {o.schemaAt.Format(http.TimeFormat)}}
	return a
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (o *Org) describeField(obj *object, f *field) fieldDescribe {
	d := fieldDescribe{
		Name: f.name, Label: f.label, Type: f.kind, SoapType: soapType(f.kind), Length: f.length, ByteLength: 3 * f.length, Precision: f.precision, Scale: f.scale, Calculated: f.calculated,
		Createable: f.createable && !f.frozen, Updateable: f.updateable && !f.frozen, Custom: f.custom, DefaultedOnCreate: f.kind == kindBool || !f.createable, ExternalID: f.external,
		IDLookup: f.external || f.kind == kindID, NameField: f.name == "Name", Nillable: !f.required && f.kind != kindBool && f.kind != kindID, Filterable: f.filterable(), Sortable: f.sortable(),
		Groupable: f.sortable() && !f.kind.numeric(), Unique: f.unique, CaseSensitive: f.sensitive, RestrictedPicklist: f.restricted, PicklistValues: []picklistValue{}, ReferenceTo: []string{},
		RelationshipName: orNull(f.relationship), CascadeDelete: f.cascade, RestrictedDelete: f.custom && f.refTo != "" && f.required && !f.cascade, AutoNumber: f.numbers != nil,
		RelationshipOrder: obj.relationshipOrder(f),
	}
	if f.kind == kindInt {
		d.Digits = 8
	}
	if f.refTo != "" {
		d.ReferenceTo = []string{f.refTo}
	}
	if f.kind == kindArea {
		d.ExtraTypeInfo, d.HTMLFormatted = orNull("plaintextarea"), f.rich
		if f.rich {
			d.ExtraTypeInfo = orNull("richtextarea")
		}
	}
	for _, v := range o.picklist(obj, f) {
		d.PicklistValues = append(d.PicklistValues, picklistValue{Value: v, Label: str(f.labelOf(v)), Active: true})
	}
	for _, whole := range obj.fields {
		for _, part := range whole.parts {
			if part == f {
				d.CompoundFieldName = orNull(whole.name)
			}
		}
	}
	return d
}

// relationshipOrder is 0 for the field that names the primary master of a custom object, 1 for the second, null for a lookup.
func (obj *object) relationshipOrder(f *field) *int {
	if !f.custom || !f.isMaster() {
		return nil
	}
	n := 0
	if obj.master != f {
		n = 1
	}
	return &n
}

// picklist: the values of some fields are records.
func (o *Org) picklist(obj *object, f *field) []string {
	of, name := o.objects["currencytype"], "IsoCode"
	switch {
	case obj.name == "Opportunity" && f.name == "StageName":
		of, name = o.objects["opportunitystage"], "ApiName"
	case f.name != "CurrencyIsoCode" || of == nil:
		return f.picklist
	}
	var values []string
	for _, r := range of.rows {
		if r.get("IsActive") == true && !r.deleted() {
			values = append(values, r.text(name))
		}
	}
	return values
}

func soapType(k kind) string {
	switch k {
	case kindID, kindReference:
		return "tns:ID"
	case kindBool, kindInt, kindDate:
		return "xsd:" + string(k)
	case kindTime:
		return "xsd:dateTime"
	case kindMoney, kindNumber, kindPercent:
		return "xsd:double"
	case kindAddress:
		return "urn:address"
	}
	return "xsd:string"
}
