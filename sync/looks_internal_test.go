package sync

import (
	gosync "sync"
	"testing"

	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// Answers of calls in flight doubt a list of Xero while a watch notes that it has read another: each doubt is heeded.
func TestDoubtsWhileAListIsRead(t *testing.T) {
	t.Parallel()
	var l looks
	var answers gosync.WaitGroup
	for _, part := range []xero.Part{xero.PartAccounts, xero.PartTaxRates, xero.PartItems} {
		answers.Go(func() { l.doubt(part) })
	}
	l.looked(plan.PartContacts)
	l.failedAt(xero.PartAccounts)
	answers.Wait()
	l.heed()
	if len(l.stale) != 3 || l.failed[xero.PartAccounts].Times != 0 {
		t.Errorf("stale are %v, failed %v", l.stale, l.failed)
	}
}
