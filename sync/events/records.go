package events

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

// What happens to one record, or to the call that carries several.

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

// Created tells, and counts, that a record has its document.
func (l Log) Created(link store.Link) {
	l.document(noun(link)+".created", link)
	l.Counted(func(r *Report) { r.Made++ })
}

// Updated tells, and counts, that an edit of a document was taken.
func (l Log) Updated(link store.Link) {
	l.document(noun(link)+".updated", link)
	l.Counted(func(r *Report) { r.Changed++ })
}

// Promoted tells, and counts, that a draft of ours got the status that the mapping asks for.
func (l Log) Promoted(link store.Link) {
	l.document(noun(link)+".approved", link)
	l.Counted(func(r *Report) { r.Changed++ })
}

// Deleted tells, and counts, that the draft of an un-won deal was deleted.
func (l Log) Deleted(link store.Link) {
	l.document(noun(link)+".deleted", link)
	l.Counted(func(r *Report) { r.Changed++ })
}

// Adopted tells that a document in Xero was recognised by its mark.
func (l Log) Adopted(link store.Link) { l.document(noun(link)+".adopted", link) }

// ContactAdopted tells of the link between an account and a contact that others made: an accountant must be able to see later
// what it rested on.
func (l Log) ContactAdopted(link store.Link, restsOn string) {
	l.document("contact.adopted", link, "rests_on", restsOn)
}

// StatusChanged tells that Xero shows another status of a document.
func (l Log) StatusChanged(link store.Link, status string) {
	if !document.KindOf(link.Kind).Promoted {
		return
	}
	l.about(l.event(zerolog.InfoLevel, "invoice.status"), link.Key, link.XeroID).Str("number", link.Number).Str("status", status).Str("was", link.Status).Send()
}

// Held tells that a record was set aside; its text only where no name can stand in it.
func (l Log) Held(key store.Key, h *store.Hold) {
	e := l.about(l.event(zerolog.WarnLevel, "hold.added"), key, "").Str("cause", h.Cause).Str("owner", h.Owner).Str("remedy", h.Remedy)
	if plan.Nameless(h.Cause) {
		e = e.Str("text", h.Text)
	}
	if len(plan.MendedBy(h)) > 0 {
		e = e.Str("looks", plan.TextLooks)
	}
	e.Send()
}

// HoldCounted counts a hold that was added, whether or not it is told by itself.
func (l Log) HoldCounted(h *store.Hold) {
	l.Counted(func(r *Report) { r.causes[h.Cause]++ })
}

// ManyHeld tells that many records were held for one cause in one cycle.
func (l Log) ManyHeld(cause string, count int) {
	l.event(zerolog.ErrorLevel, "hold.many").Str("cause", cause).Int("count", count).Send()
}

// Released tells that the cause of a hold is gone.
func (l Log) Released(key store.Key, h *store.Hold) {
	l.about(l.event(zerolog.InfoLevel, "hold.released"), key, "").Str("cause", h.Cause).Send()
}

// Finding tells what a person should know and nothing is held for.
func (l Log) Finding(key store.Key, xeroID, what, text string) {
	e := l.about(l.event(zerolog.WarnLevel, "finding"), key, xeroID).Str("what", what)
	if plan.Nameless(what) {
		e = e.Str("text", text)
	}
	e.Send()
}

// Differs tells that a document is not what was meant.
func (l Log) Differs(link store.Link) {
	l.Finding(link.Key, link.XeroID, "invoice.differs", link.Number+" is not what was meant: "+link.Mismatch)
}

// Otherwise tells that Xero keeps a field otherwise than the mapping writes it.
func (l Log) Otherwise(field string, o plan.Otherwise) {
	l.event(zerolog.ErrorLevel, "mapping.differs").Str("field", plan.OtherwiseName(field)).Int("line", o.Line).Str("remedy", plan.OtherwiseRemedy(o.Line)).Send()
}

// MarkLost tells that Xero does not keep the mark.
func (l Log) MarkLost(kind, id string) {
	l.event(zerolog.ErrorLevel, "mark.lost").Str("kind", kind).Str("xero_id", id).Send()
}

// CallFailed tells that a write to Xero failed, or was not answered.
func (l Log) CallFailed(intent store.Intent, failure *remote.Error) {
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

// Settled tells that an unanswered write was decided by what Xero shows.
func (l Log) Settled(intent store.Intent, seen, unseen int) {
	l.event(zerolog.InfoLevel, "call.settled").Str("do", intent.Do).Int("seen", seen).Int("unseen", unseen).Send()
}

// Waits tells that Xero is not called for a minute.
func (l Log) Waits() {
	l.event(zerolog.InfoLevel, "xero.waits").Str("why", "this store does not know how often Xero was called in the last minute; the first call is made in 61 seconds").Send()
}

// StandDown tells that Xero asked to be left alone, by its own clock.
func (l Log) StandDown(until time.Time, why string) {
	l.event(zerolog.WarnLevel, "xero.standdown").Time("until", until).Str("why", why).Send()
}

// WroteBack tells, and counts, that a row of Salesforce was written.
func (l Log) WroteBack(key store.Key, fields json.RawMessage, tries int) {
	l.about(l.event(zerolog.DebugLevel, "writeback.done"), key, "").Strs("fields", document.SortedNames(document.Fields(fields))).Int("tries", tries+1).Send()
	l.Counted(func(r *Report) { r.WroteBack++ })
}

// WriteBackRefused tells that Salesforce refused a row.
func (l Log) WriteBackRefused(key store.Key, sent json.RawMessage, err error) {
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
