package salesforcetest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// A numbering is how Salesforce counts up the values of a field that nobody can write: B-0001, B-0002.
type numbering struct {
	prefix string
	digits int // four of a custom field unless its values have more
	last   int
}

// counted makes a field one that Salesforce numbers, beginning behind last.
func (f field) counted(digits, last int) field {
	f.numbers = &numbering{digits: digits, last: last}
	return f.readOnly()
}

// learn takes the form and the count from a value of a file.
func (n *numbering) learn(value string) {
	stem := strings.TrimRight(value, "0123456789")
	digits := value[len(stem):]
	if at, err := strconv.Atoi(digits); err == nil && at >= n.last {
		n.last, n.prefix, n.digits = at, stem, len(digits)
	}
}

func (n *numbering) next() string {
	n.last++
	return fmt.Sprintf("%s%0*d", n.prefix, max(n.digits, 1), n.last)
}

// number gives a new row the numbers that nothing else gave it, its sums of no details, and one without a name its id, as Salesforce names
// records of custom objects.
func (o *Org) number(obj *object, id string, vals []any) {
	for _, f := range obj.fields {
		switch {
		case f.in(vals) != nil:
		case f.numbers != nil:
			vals[f.pos] = f.numbers.next()
		case f.rollUp != nil && (f.rollUp.op == "SUM" || f.rollUp.op == "COUNT"):
			vals[f.pos] = decimal.Zero
		case f.name == "Name" && obj.custom && f.kind == kindText:
			vals[f.pos] = id
		}
	}
}
