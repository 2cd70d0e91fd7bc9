package state

import (
	"slices"
	"strings"

	"sf2xero/store"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

func statusOf(seen store.Seen) string {
	inv, err := xero.DecodeInvoice(seen.JSON)
	if err != nil {
		return ""
	}
	return inv.Status
}

// DraftsOf are the drafts that stand for a record as far as we know: its own, a person's copies of it, and what the record
// names.
func DraftsOf(tx *store.Tx, r store.Record, named string) (ids []string) {
	add := func(id, status string) {
		if id = strings.ToLower(id); (status == "DRAFT" || status == "SUBMITTED") && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if link, ok := tx.Link(r.Key); ok {
		add(link.XeroID, link.Status)
	}
	if seen, known := tx.SeenByID(string(xero.Invoices), strings.ToLower(named)); known && named != "" {
		add(seen.XeroID, statusOf(seen))
	}
	live, _ := plan.Witnesses(tx, r.Key)
	for _, inv := range live {
		add(inv.InvoiceID, inv.Status)
	}
	return ids
}

// UnsettledDeletes are the documents that we may have deleted without having been told.
func UnsettledDeletes(tx *store.Tx) (ids []string) {
	for _, intent := range tx.AllIntents() {
		if _, open := LastUnsettled(intent); !open || intent.Do != string(plan.Delete) {
			continue
		}
		for _, m := range intent.Members {
			ids = append(ids, m.XeroID)
		}
	}
	return ids
}
