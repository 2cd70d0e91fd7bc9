package mapping

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the file itself names of Xero's can be looked up before the first deal needs it.
func TestCodesAreTheConstantsAndTheTablesThatFeedThem(t *testing.T) {
	t.Parallel()
	m := compileText(t, edited(t,
		`=LOOKUP("revenue", Product2.Family)`, `=IF(Quantity > 5, "260", BLANKVALUE(LOOKUP("revenue", Product2.Family), "0200"))`,
		"=Product2.ProductCode", `=CASE(Product2.Family, "Licences", "LIC", "Services", Product2.ProductCode, "OTHER")`,
		"        Region: =Opportunity.Account.Region__c\n", "        Region: =Opportunity.Account.Region__c\n        Team: North\n",
		"    Reference:", "    BrandingTheme: Wholesale\n    Reference:",
		"  no_lines: hold ", "  no_lines: [{Description: =Name, TaxType: NONE}] "))
	var got []string
	for _, c := range m.Codes() {
		p := c.Problem("?")
		got = append(got, fmt.Sprintf("%d:%d %s %s %s", p.Line, p.Column, c.Field, c.Category, c.Value))
	}
	want := []string{
		"31:20 BrandingThemeID  Wholesale", "43:52 ItemCode  LIC", "43:93 ItemCode  OTHER", "44:38 AccountCode  260", "44:92 AccountCode  0200",
		"47:9 Tracking Region ", "48:9 Tracking Team ", "48:15 Tracking Team North", "49:44 TaxType  NONE",
		"66:18 TaxType  15% GST on Income", "67:16 TaxType  Zero Rated", "69:15 AccountCode  200", "70:15 AccountCode  210",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if p := m.Codes()[0].Problem("there is no branding theme"); p.String() != "mapping.yaml:31:20: there is no branding theme" || p.Excerpt != "    BrandingTheme: Wholesale\n                   ^" {
		t.Errorf("%s\n%s", p, p.Excerpt)
	}
}
