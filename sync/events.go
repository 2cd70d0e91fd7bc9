package sync

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

// Log writes the daemon's events: JSON lines that are an interface. They carry ids, numbers, amounts and links, never
// names of customers; the only package-wide import of zerolog in this package is this file's.
type Log struct {
	Logger zerolog.Logger
	place  plan.Place
}

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

func (l Log) event(level zerolog.Level, name string) *zerolog.Event {
	return l.Logger.WithLevel(level).Str("event", name)
}

// about adds which record and document an event is about, with links to both.
func (l Log) about(e *zerolog.Event, key store.Key, xeroID string) *zerolog.Event {
	e = e.Str("entry", key.Entry).Str("salesforce_id", key.ID)
	if l.place.Instance != "" {
		e = e.Str("salesforce_url", l.place.Instance+"/"+key.ID)
	}
	if xeroID != "" {
		e = e.Str("xero_id", xeroID).Str("xero_url", document.KindOfEntry(key.Entry).Link(xeroID))
	}
	return e
}

func (l Log) document(name string, link store.Link, more ...string) {
	e := l.about(l.event(zerolog.InfoLevel, name), link.Key, link.XeroID)
	if document.KindOf(link.Kind).Summed {
		e = e.Str("number", link.Number).Str("status", link.Status)
		if inv, err := xero.DecodeInvoice(link.Seen); err == nil && inv.Total.Set {
			e = e.Str("amount", inv.Total.StringFixed(2)).Str("currency", inv.CurrencyCode)
		}
	}
	if link.Origin != "" && strings.HasSuffix(name, "adopted") {
		e = e.Str("origin", link.Origin)
	}
	for i := 0; i+1 < len(more); i += 2 {
		e = e.Str(more[i], more[i+1])
	}
	e.Send()
}

func noun(link store.Link) string { return document.KindOf(link.Kind).Noun }

func (l Log) created(link store.Link)  { l.document(noun(link)+".created", link) }
func (l Log) updated(link store.Link)  { l.document(noun(link)+".updated", link) }
func (l Log) adopted(link store.Link)  { l.document(noun(link)+".adopted", link) }
func (l Log) promoted(link store.Link) { l.document("invoice.approved", link) }
func (l Log) deleted(link store.Link)  { l.document("invoice.deleted", link) }

// contactAdopted tells of the link between an account and a contact that others made: an accountant must be able to see later
// what it rested on.
func (l Log) contactAdopted(link store.Link, restsOn string) {
	l.document("contact.adopted", link, "rests_on", restsOn)
}

func (l Log) statusChanged(link store.Link, status string) {
	if !document.KindOf(link.Kind).Promoted {
		return
	}
	l.about(l.event(zerolog.InfoLevel, "invoice.status"), link.Key, link.XeroID).Str("number", link.Number).Str("status", status).Str("was", link.Status).Send()
}

func (l Log) held(key store.Key, h *store.Hold) {
	e := l.about(l.event(zerolog.WarnLevel, "hold.added"), key, "").Str("cause", h.Cause).Str("owner", h.Owner).Str("remedy", h.Remedy)
	if plan.Nameless(h.Cause) {
		e = e.Str("text", h.Text)
	}
	if len(plan.MendedBy(h)) > 0 {
		e = e.Str("looks", plan.TextLooks)
	}
	e.Send()
}

func (l Log) manyHeld(cause string, count int) {
	l.event(zerolog.ErrorLevel, "hold.many").Str("cause", cause).Int("count", count).Send()
}

func (l Log) released(key store.Key, h *store.Hold) {
	l.about(l.event(zerolog.InfoLevel, "hold.released"), key, "").Str("cause", h.Cause).Send()
}

func (l Log) finding(key store.Key, xeroID, what, text string) {
	e := l.about(l.event(zerolog.WarnLevel, "finding"), key, xeroID).Str("what", what)
	if plan.Nameless(what) {
		e = e.Str("text", text)
	}
	e.Send()
}

func (l Log) differs(link store.Link) {
	l.finding(link.Key, link.XeroID, "invoice.differs", link.Number+" is not what was meant: "+link.Mismatch)
}

func (l Log) otherwise(field string, o plan.Otherwise) {
	l.event(zerolog.ErrorLevel, "mapping.differs").Str("field", plan.OtherwiseName(field)).Int("line", o.Line).Str("remedy", plan.OtherwiseRemedy(o.Line)).Send()
}

func (l Log) watched(kind string, count int, full bool) {
	l.event(zerolog.DebugLevel, "watch.done").Str("kind", kind).Int("count", count).Bool("full", full).Send()
}

func (l Log) pulled(count int, first bool) {
	l.event(zerolog.DebugLevel, "pull.done").Int("count", count).Bool("first", first).Send()
}

func (l Log) pullBehind(entry string, since time.Time, err error, failures int) {
	l.event(zerolog.ErrorLevel, "pull.behind").Str("entry", entry).Time("since", since.UTC()).Str("error", err.Error()).Int("failures", failures).Send()
}

func (l Log) pullCaughtUp(entry string, failures int) {
	l.event(zerolog.InfoLevel, "pull.caught_up").Str("entry", entry).Int("failures", failures).Send()
}

func (l Log) referenceChanged(parts []xero.Part) {
	var lists []string
	for _, part := range parts {
		lists = append(lists, string(part))
	}
	l.event(zerolog.InfoLevel, "reference.changed").Strs("lists", lists).Send()
}

func (l Log) swept(count int) { l.event(zerolog.InfoLevel, "sweep.done").Int("count", count).Send() }

func (l Log) quarantineOver() { l.event(zerolog.InfoLevel, "quarantine.over").Send() }

func (l Log) leaseTaken(n int, from time.Time) {
	e := l.event(zerolog.InfoLevel, "lease.taken").Int("number", n)
	if !from.IsZero() {
		e = e.Time("until", from)
	}
	e.Send()
}

func (l Log) leaseWaits(holder string, until time.Time) {
	l.event(zerolog.WarnLevel, "lease.waits").Str("holder", holder).Time("until", until).Send()
}

func (l Log) leaseOther(holder string, since time.Time) {
	l.event(zerolog.ErrorLevel, "lease.other").Str("holder", holder).Time("since", since).Send()
}

func (l Log) leaseGone() { l.event(zerolog.ErrorLevel, "lease.gone").Send() }

func (l Log) markLost(kind, id string) {
	l.event(zerolog.ErrorLevel, "mark.lost").Str("kind", kind).Str("xero_id", id).Send()
}

func (l Log) callFailed(intent store.Intent, failure *remote.Error) {
	l.event(zerolog.WarnLevel, "call.failed").Str("op", failure.Op).Str("do", intent.Do).Int("members", len(intent.Members)).
		Str("class", failure.Class.String()).Str("request_id", failure.RequestID).Str("error", withoutBody(failure)).Send()
}

// withoutBody is a failure without what Xero says about single documents, which may hold names.
func withoutBody(failure *remote.Error) string {
	if failure.Class == remote.BadRecord {
		return "the whole call was refused; its members go out in halves"
	}
	return failure.Error()
}

func (l Log) settled(intent store.Intent, seen, unseen int) {
	l.event(zerolog.InfoLevel, "call.settled").Str("do", intent.Do).Int("seen", seen).Int("unseen", unseen).Send()
}

func (l Log) waits() {
	l.event(zerolog.InfoLevel, "xero.waits").Str("why", "this store does not know how often Xero was called in the last minute; the first call is made in 61 seconds").Send()
}

func (l Log) standDown(until time.Time, why string) {
	l.event(zerolog.WarnLevel, "xero.standdown").Time("until", until).Str("why", why).Send()
}

func (l Log) wroteBack(key store.Key, fields json.RawMessage, tries int) {
	l.about(l.event(zerolog.DebugLevel, "writeback.done"), key, "").Strs("fields", document.SortedNames(document.Fields(fields))).Int("tries", tries+1).Send()
}

func (l Log) writeBackRefused(key store.Key, sent json.RawMessage, err error) {
	l.about(l.event(zerolog.WarnLevel, "writeback.refused"), key, "").Str("error", withoutValues(err, sent)).Send()
}

// withoutValues is a row's refusal without what was to be written, which Salesforce repeats and which may be the text of
// a hold. What an org's own rules and code say may name anybody: of that only the code is told, the rest is in the store.
func withoutValues(err error, sent json.RawMessage) string {
	var e *remote.Error
	if errors.As(err, &e) {
		switch e.Code {
		case "STRING_TOO_LONG", "DUPLICATES_DETECTED", "DUPLICATE_VALUE", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER":
			return "Salesforce refused the row with " + e.Code + ". " + e.Remedy
		}
	}
	text := err.Error()
	fields := document.Fields(sent)
	for _, name := range document.SortedNames(fields) {
		if value, ok := document.Decode(fields[name]).(string); ok && value != "" {
			text = strings.ReplaceAll(text, value, "…")
		}
	}
	return text
}

func (l Log) started(place plan.Place, quarantine string) {
	e := l.event(zerolog.InfoLevel, "daemon.started").Str("org", place.Org).Str("tenant", place.Tenant)
	if quarantine != "" {
		e = e.Str("quarantine", quarantine)
	}
	e.Send()
}

// Stopped tells that the daemon ended cleanly.
func (l Log) Stopped() { l.event(zerolog.InfoLevel, "daemon.stopped").Send() }

func (l Log) mappingLoaded(file string, m *mapping.Mapping) {
	l.event(zerolog.InfoLevel, "mapping.loaded").Str("file", file).Str("hash", m.Hash).Send()
}

func (l Log) mappingAccepted(file string, m *mapping.Mapping) {
	l.event(zerolog.InfoLevel, "mapping.accepted").Str("file", file).Str("hash", m.Hash).Send()
}

func (l Log) letIn(e *mapping.Entry, count int, day string) {
	if count == 0 {
		l.event(zerolog.InfoLevel, "mapping.let_in").Str("entry", e.Name).Int("count", 0).Send()
		return
	}
	l.event(zerolog.WarnLevel, "mapping.let_in").Str("entry", e.Name).Int("count", count).Str("remedy", plan.WaysOut(e, day)).Send()
}

func (l Log) mappingRefused(text string) {
	l.event(zerolog.ErrorLevel, "mapping.refused").Str("error", text).Send()
}

func (l Log) cycleDone(r Report) {
	l.event(zerolog.InfoLevel, "cycle.done").Int("made", r.Made).Int("changed", r.Changed).Int("adopted", r.Adopted).Int("held", r.Held).
		Int("released", r.Released).Int("queued", r.Queued).Int("wrote_back", r.WroteBack).
		Int("xero_reads", r.Reads).Int("xero_writes", r.Writes).Int("salesforce_calls", r.SalesforceCalls).Send()
}

func (l Log) cycleFailed(err error, failures int) {
	l.event(zerolog.ErrorLevel, "cycle.failed").Str("class", remote.ClassOf(err).String()).Str("error", err.Error()).Int("failures", failures).Send()
}

func (l Log) recovered(failures int) {
	l.event(zerolog.InfoLevel, "cycle.recovered").Int("failures", failures).Send()
}

func (l Log) backedUp(file string, size int64) {
	l.event(zerolog.InfoLevel, "backup.done").Str("file", file).Int64("bytes", size).Send()
}

func (l Log) backupFailed(err error, failures int) {
	if failures == 1 || failures%10 == 0 {
		l.event(zerolog.ErrorLevel, "backup.failed").Str("error", err.Error()).Int("failures", failures).Send()
	}
}

func (l Log) failed(op string, err error) {
	l.event(zerolog.ErrorLevel, "internal.failed").Str("op", op).Str("error", err.Error()).Send()
}
