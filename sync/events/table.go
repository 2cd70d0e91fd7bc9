package events

// Event describes one event for the table in the README; a test holds the two equal.
type Event struct{ Name, Fields, Meaning string }

// Events lists every event of the daemon with its fields, in the order of the README's table.
func Events() []Event {
	return []Event{
		{"daemon.started", "org, tenant, quarantine", "Both connections stand; `quarantine` says why creating waits, if it does"},
		{"daemon.stopped", "", "The daemon ended cleanly"},
		{"mapping.loaded", "file, hash", "mapping.yaml compiled and is in force"},
		{"mapping.refused", "error", "mapping.yaml was edited and has mistakes, or Salesforce refuses its condition; the one before stays in force"},
		{"mapping.accepted", "file, hash", "What mapping.yaml says now is in force, after a refusal"},
		{"mapping.let_in", "entry, count, remedy", "How many drafts an edit of mapping.yaml would have made of what was there before; that many wait as one group. Told after the edit, and each night while they wait"},
		{"mapping.differs", "field, line, remedy", "Xero keeps a field otherwise than mapping.yaml writes it, in at least three documents; told once, instead of a finding and a hold for each"},
		{"watch.done", "kind, count, full", "Xero was read: how many documents changed"},
		{"pull.done", "count, first", "Salesforce was read: how many records came back"},
		{"pull.behind", "entry, since, error, failures", "Salesforce did not answer which records a changed account, or another parent that the condition reads, lets in since then: those wait, all others go on. Asked again, and told at the first failure, then every tenth"},
		{"pull.caught_up", "entry, failures", "That was answered"},
		{"reference.changed", "lists", "Xero was looked at again for what something is held for, and has other accounts, currencies, tax rates, … than before"},
		{"sweep.done", "count", "The daily comparison of everything that matches with everything that is linked"},
		{"lease.taken", "number, until", "This daemon alone sends now (`Xero_Act__c`); `until` when it begins to create, if it has to wait"},
		{"lease.waits", "holder, until", "Another daemon was the last to send: it may be dead, and is waited for until then"},
		{"lease.other", "holder, since", "Another daemon serves this organisation: this one sends nothing as long as that one gives signs of life"},
		{"lease.gone", "", "The row by which this daemon alone sends was deleted in Salesforce: it takes a new one, and waits"},
		{"quarantine.over", "", "Everything sent before the start must have shown by now; creating begins"},
		{"invoice.created", "record, number, status, amount, currency", "A deal became an invoice"},
		{"invoice.updated", "record, number, status, amount, currency", "A changed deal changed its draft"},
		{"invoice.approved", "record, number, status, amount, currency", "A draft of ours got the status that the mapping asks for"},
		{"invoice.deleted", "record, number, status, amount, currency", "The draft of an un-won deal was deleted (`if_unwon: delete_draft`)"},
		{"invoice.adopted", "record, number, status, amount, currency, origin", "An invoice in Xero was recognised by its mark"},
		{"invoice.status", "record, number, status, was", "Xero shows another status: approved, paid, voided, …"},
		{"contact.created", "record", "An account became a contact"},
		{"contact.updated", "record", "A changed account changed its contact"},
		{"contact.adopted", "record, origin, rests_on", "An account was linked to the contact that was in Xero; `rests_on` says which identifiers agree, and which differ"},
		{"hold.added", "record, cause, owner, remedy, text, looks", "A record was set aside; `owner` says whose turn it is, `looks` when Xero is looked at again for what it lacks"},
		{"hold.many", "cause, count", "Many records were held for one cause at once: a permission or the mapping has changed"},
		{"hold.released", "record, cause", "The cause of a hold is gone"},
		{"finding", "record, what, text", "Something a person should know; nothing is held for it"},
		{"call.failed", "op, do, members, class, request_id, error", "A write to Xero failed or was not answered"},
		{"call.settled", "do, seen, unseen", "An unanswered write was decided by what Xero shows"},
		{"mark.lost", "kind, xero_id", "Xero does not keep the mark; nothing more is created"},
		{"xero.waits", "why", "A new or restored store does not know the calls of the last minute: Xero is not called for 61 seconds"},
		{"xero.standdown", "until, why", "Xero asked to be left alone until then"},
		{"writeback.done", "record, fields, tries", "Fields were written to the Salesforce row"},
		{"writeback.refused", "record, error", "Salesforce refused a row; it is tried again, told once"},
		{"cycle.done", "made, changed, adopted, held, released, queued, wrote_back, xero_reads, xero_writes, salesforce_calls", "A cycle completed"},
		{"cycle.failed", "class, error, failures", "A cycle failed; told at the first failure, then every tenth"},
		{"cycle.recovered", "failures", "A cycle completed after failures"},
		{"backup.done", "file, bytes", "The night's copy of the store stands beside it, without tokens; the last seven are kept"},
		{"backup.failed", "error, failures", "There is no copy of the store of this night; it is tried again every hour, told at the first failure, then every tenth"},
		{"internal.failed", "op, error", "Something inside failed that does not stop the cycle"},
	}
}
