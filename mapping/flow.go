package mapping

// leaves are the parts of a formula one of which becomes its answer as it
// stands: of =IF(Amount > 5, "DRAFT", Status__c) the text and Status__c.
func (c *code) leaves() []*code {
	var out []*code
	from := 0
	switch {
	case c.kind == toDateCode:
	case c.kind != specialCode:
		return []*code{c}
	case c.name == "IF":
		from = 1
	case c.name == "CASE":
		from = len(c.args) / 2 // the subject and n values stand before n results and what else it is
	case c.name != "BLANKVALUE":
		return []*code{c}
	}
	for _, a := range c.args[from:] {
		out = append(out, a.leaves()...)
	}
	return out
}

// fromRecord is true when a formula's answer can be, or be made of, a field of
// the record itself.
func (c *code) fromRecord() bool {
	for _, leaf := range c.leaves() {
		if leaf.kind == fieldCode {
			if len(leaf.path) == 1 {
				return true
			}
			continue
		}
		for _, a := range leaf.args {
			if a.fromRecord() {
				return true
			}
		}
	}
	return false
}

// canGive is false when no answer of a formula can be one of these texts.
func (c *code) canGive(texts ...string) bool {
	for _, leaf := range c.leaves() {
		if leaf.kind != constantCode {
			return true
		}
		for _, t := range texts {
			if leaf.constant.text == t {
				return true
			}
		}
	}
	return false
}
