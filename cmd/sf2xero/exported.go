package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"sf2xero/salesforce/salesforcetest"
)

// tellExport tells what was read from an export, so that whoever knows the org sees whether it is all there.
func tellExport(w io.Writer, folder string, e salesforcetest.Export) {
	fmt.Fprintf(w, "Read from %s:\n", folder)
	width := 0
	for _, x := range e.Objects {
		width = max(width, len(x.Name))
	}
	for _, x := range e.Objects {
		fmt.Fprintf(w, "  %-*s %s%s\n", width, x.Name, count(x.Rows, "record"), exportedMore(x))
	}
	for _, x := range e.Objects {
		if len(x.Fields) > 0 {
			fmt.Fprintf(w, "Fields of %s that came with the file: %s\n", x.Name, strings.Join(x.Fields, ", "))
		}
	}
	if len(e.Currencies) > 0 {
		fmt.Fprintf(w, "Currencies: %s, of which each record names its own; the org's is %s%s\n", strings.Join(e.Currencies, ", "), e.Currency, unsaid(e))
	} else {
		fmt.Fprintf(w, "Currency: %s, the org's only one%s\n", e.Currency, unsaid(e))
	}
	for _, note := range e.Notes {
		fmt.Fprintf(w, "Note: %s\n", note)
	}
}

func exportedMore(x salesforcetest.ExportedObject) string {
	var more []string
	if x.Deleted > 0 {
		more = append(more, fmt.Sprintf("%d deleted", x.Deleted))
	}
	deals := 0
	var sums []string
	for _, won := range x.Won {
		deals += won.Deals
		sums = append(sums, money(won.Currency, won.Amount))
	}
	switch {
	case deals > 0:
		more = append(more, fmt.Sprintf("%d won for %s", deals, strings.Join(sums, " and ")))
	case x.Name == "Opportunity":
		more = append(more, "none won")
	}
	if len(more) == 0 {
		return ""
	}
	return ", " + strings.Join(more, ", ")
}

// unsaid is for an org whose own currency no file tells.
func unsaid(e salesforcetest.Export) string {
	for _, x := range e.Objects {
		if x.Name == "Organization" {
			return ""
		}
	}
	return " (no Organization.csv says otherwise)"
}

func count(n int, what string) string {
	return fmt.Sprintf("%d %s", n, cmp.Or(map[int]string{1: what}[n], what+"s"))
}
