package sync_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	gosync "sync"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/xero/xerotest"
)

// ledger is what an auditor of Xero's books would keep: each document as it was last left, and by whom. It looks after
// every call that writes, and after whatever a person does.
type ledger struct {
	mu         gosync.Mutex
	s          *simulation
	invoices   map[string]xerotest.InvoiceView
	contacts   map[string]xerotest.ContactView
	touched    map[string]time.Time // document and field: when a person last changed it
	ever       map[string]bool      // the same, never forgotten
	before     map[string]string    // the same: what was there before a person first changed it
	killed     map[string]string    // invoice: who voided or deleted it
	copies     map[string]bool      // invoices that a person made
	since      map[string]time.Time // invoice: when it was made
	references map[string]string    // invoice: the reference that it had before its last change
	marks      map[string]mark      // invoice: the mark that it was made with, whatever people have done to it since
	makers     map[string]string    // invoice: the daemon that made it
	seconds    map[string]bool      // invoices that the second daemon has changed
	pairs      map[string]bool      // deals for which two daemons have made an invoice each

	approvedLately map[string]time.Time // currency: when an invoice in it was last approved, by whomever
}

// mark is which deal an invoice stands for, and the how-manieth of it it is.
type mark struct {
	record     string
	generation int
}

func newLedger(s *simulation) ledger {
	return ledger{s: s, invoices: map[string]xerotest.InvoiceView{}, contacts: map[string]xerotest.ContactView{}, touched: map[string]time.Time{}, ever: map[string]bool{}, before: map[string]string{},
		killed: map[string]string{}, copies: map[string]bool{}, since: map[string]time.Time{}, marks: map[string]mark{}, references: map[string]string{}, makers: map[string]string{}, seconds: map[string]bool{}, pairs: map[string]bool{},
		approvedLately: map[string]time.Time{}}
}

// audited is Xero with the auditor behind it.
func (s *simulation) audited(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet || !strings.HasPrefix(r.URL.Path, "/api.xro/") {
		rec := httptest.NewRecorder()
		s.world.books.ServeHTTP(rec, r)
		s.answered(w, r, rec)
		return
	}
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	rec := httptest.NewRecorder()
	s.world.books.ServeHTTP(rec, r)
	s.noted.Lock()
	sent, by := s.sent[r.Header.Get("Idempotency-Key")], s.sentBy[r.Header.Get("Idempotency-Key")]
	s.noted.Unlock()
	s.ledger.audit(r.Method+" "+r.URL.Path, sent, by)
	s.answered(w, r, rec)
}

func (s *simulation) answered(w http.ResponseWriter, r *http.Request, rec *httptest.ResponseRecorder) {
	if problem := rec.Header().Get("X-Rate-Limit-Problem"); problem == "day" {
		s.dayIsOver()
	} else if rec.Code == http.StatusTooManyRequests && !s.draw.Twin { // neither can count the other's calls
		s.breach("Xero had to refuse %s %s for the number of calls (%s)", r.Method, r.URL.Path, rec.Header().Get("X-Rate-Limit-Problem"))
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	s.note("  Xero did %s %s: %d", r.Method, r.URL.Path, rec.Code)
	s.meddle(r)
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// dayIsOver is Xero's refusal because the calls of its day are used up. A daemon that has just started may not know it
// yet, and none knows when the day began: so one call an hour may find out, and one of each new process.
func (s *simulation) dayIsOver() {
	s.noted.Lock()
	again := s.refusedLife == s.lives && time.Since(s.refusedAt) < time.Hour
	s.refusedLife, s.refusedAt = s.lives, time.Now()
	s.noted.Unlock()
	if again {
		s.breach("Xero had to say again that the day's calls are used up")
	}
}

// person is something that a person does anywhere; what changes in Xero by it is theirs.
func (l *ledger) person(act func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	act()
	l.settle()
}

// meddle is a person who edits or deletes an invoice between two pages of a list.
func (s *simulation) meddle(r *http.Request) {
	q := r.URL.Query()
	if !s.draw.Meddler || s.isCalm() || r.Method != http.MethodGet || q.Get("page") == "" || q.Get("IDs") != "" || !strings.HasSuffix(r.URL.Path, "/Invoices") {
		return
	}
	s.ledger.person(func() {
		all := s.world.books.Invoices()
		inv := all[s.hash("meddle", time.Now().UnixNano())%uint64(len(all))]
		if now := time.Now().UnixNano(); s.hash("what", now)%3 == 0 && s.world.books.Delete(inv.InvoiceID) == nil {
			s.note("accountant deletes %s between two pages", inv.InvoiceNumber)
			return
		}
		if s.world.books.Edit(inv.InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = "looked at between two pages" }) == nil {
			s.note("accountant edits %s between two pages", inv.InvoiceNumber)
		}
	})
}

// settle takes the books as they are now for a person's doing.
func (l *ledger) settle() {
	for _, now := range l.s.world.books.Invoices() {
		was, known := l.invoices[now.InvoiceID]
		if !known {
			l.copies[now.InvoiceID], l.since[now.InvoiceID] = true, time.Now()
		} else {
			for field, text := range fieldsOfInvoice(now) {
				if fieldsOfInvoice(was)[field] != text && (field != "Contact" || !l.merged(was.ContactID)) {
					l.touch(now.InvoiceID+" "+field, fieldsOfInvoice(was)[field], text)
				}
			}
			if alive(was.Status) && !alive(now.Status) {
				l.killed[now.InvoiceID] = "a person"
			}
		}
		l.put(now)
		l.markOf(now)
	}
	for _, now := range l.s.world.books.Contacts() {
		if was, known := l.contacts[now.ContactID]; !known || fieldsOfContact(was) != fieldsOfContact(now) {
			old, text := fieldsOfContact(was), fieldsOfContact(now)
			for i := range text {
				if text[i] != old[i] && text[i] != "" && (known || i != 3 || !l.isAnAccounts(text[i])) {
					l.touched[fmt.Sprint(now.ContactID, " ", i)] = time.Now()
				}
			}
		}
		l.contacts[now.ContactID] = now
	}
}

// isAnAccounts is true for the e-mail of an account. A contact that is adopted with it agrees with its account, and follows it
// from then on (seed 301).
func (l *ledger) isAnAccounts(email string) bool {
	return slices.ContainsFunc(l.s.world.crm.Rows("Account"), func(row map[string]any) bool { return strings.EqualFold(shown(row["Billing_Email__c"]), email) })
}

// touch notes that a person has changed a field. Who puts back what was there has changed nothing.
func (l *ledger) touch(key, was, now string) {
	l.ever[key] = true
	if _, already := l.touched[key]; !already {
		l.before[key] = was
	}
	l.touched[key] = time.Now()
	if l.before[key] == now {
		delete(l.touched, key)
	}
}

func (l *ledger) put(now xerotest.InvoiceView) {
	if was, known := l.invoices[now.InvoiceID]; now.Status == "AUTHORISED" && (!known || was.Status != now.Status) {
		l.approvedLately[now.CurrencyCode] = time.Now()
	}
	if was, known := l.invoices[now.InvoiceID]; known && was.Reference != now.Reference {
		l.references[now.InvoiceID] = was.Reference
	}
	l.invoices[now.InvoiceID] = now
}

// merged is true for a contact that is another now: whose invoice it is has not changed.
func (l *ledger) merged(contactID string) bool {
	c, ok := l.s.world.books.Contact(contactID)
	return ok && c.MergedToContactID != ""
}

// racing is how long before a call leaves the daemon may have read what it changes; a person's edit since then is what
// no rule closes.
const racing = 4 * time.Minute

func (l *ledger) isTouched(key string, sent time.Time) bool {
	at, ok := l.touched[key]
	return ok && at.Before(sent.Add(-racing))
}

// audit looks at what a call of the daemon has changed.
func (l *ledger) audit(call string, sent time.Time, by string) {
	live := map[string][]string{}
	for _, now := range l.s.world.books.Invoices() {
		was, known := l.invoices[now.InvoiceID]
		if !known {
			l.makers[now.InvoiceID] = by
			l.auditNew(call, now, sent)
			l.since[now.InvoiceID] = time.Now()
		} else {
			l.auditChange(call, was, now, sent)
			l.seconds[now.InvoiceID] = l.seconds[now.InvoiceID] || by == secondDaemon && !maps.Equal(fieldsOfInvoice(was), fieldsOfInvoice(now))
		}
		l.put(now)
		if of := l.markOf(now); of.record != "" && alive(now.Status) && !l.copies[now.InvoiceID] {
			live[of.record] = append(live[of.record], now.InvoiceID)
		}
	}
	for _, record := range sorted(live) {
		switch n := live[record]; {
		case len(n) == 2 && l.unaware(n[0], n[1]):
			l.pairs[record] = true
		case len(n) > 1:
			l.s.breach("%s: there are %d live invoices for %s: %s", call, len(n), record, strings.Join(n, ", "))
		}
	}
	l.auditContacts(call, sent)
}

// unaware is true for two daemons that cannot know of each other but by what they make.
func (l *ledger) unaware(a, b string) bool {
	return l.s.draw.Twin && !l.s.draw.Lease && l.makers[a] != l.makers[b] && l.makers[a] != "" && l.makers[b] != ""
}

// unseen is true when the one that made a document could not know of the other daemon's: it is too new for any list.
func (l *ledger) unseen(other, made string, sent time.Time) bool {
	return l.unaware(other, made) && !l.since[other].Before(sent.Add(-racing-l.s.draw.Stale-l.s.draw.Late))
}

func (l *ledger) auditNew(call string, now xerotest.InvoiceView, sent time.Time) {
	of := l.markOf(now)
	switch {
	case of.record == "":
		l.s.breach("%s: the new invoice %s bears no mark", call, now.InvoiceNumber)
	case now.Status != "DRAFT":
		l.s.breach("%s: the new invoice %s is born %s", call, now.InvoiceNumber, now.Status)
	case l.s.edits.past[of.record] && l.s.edits.admitted == "" && !l.s.edits.early && !l.s.edits.twinEarly.Load() && !l.s.forgot.Load():
		l.s.breach("%s: %s is made for a deal of before the books, which only an edited start let in", call, now.InvoiceNumber)
	}
	l.auditCurrency(call, now, sent)
	for _, id := range sorted(l.invoices) {
		if l.markOf(l.invoices[id]).record == of.record && alive(l.invoices[id].Status) && l.since[id].Before(sent.Add(-racing)) && !l.unseen(id, now.InvoiceID, sent) {
			l.s.breach("%s: %s is made although %s is there", call, now.InvoiceNumber, l.invoices[id].InvoiceNumber)
		}
	}
	for _, id := range sorted(l.killed) {
		dead := l.markOf(l.invoices[id])
		if dead.record == of.record && !l.unseen(id, now.InvoiceID, sent) && (l.killed[id] == "a person" || dead.generation >= of.generation) {
			l.s.breach("%s: %s comes back as %s, although %s had ended it", call, l.invoices[id].InvoiceNumber, now.InvoiceNumber, l.killed[id])
		}
	}
}

func (l *ledger) auditChange(call string, was, now xerotest.InvoiceView, sent time.Time) {
	before, after := fieldsOfInvoice(was), fieldsOfInvoice(now)
	for _, field := range sorted(after) {
		if before[field] == after[field] {
			continue
		}
		change := fmt.Sprintf("%s: %s of %s changes from %q to %q", call, field, was.InvoiceNumber, before[field], after[field])
		switch {
		case !l.ours(was):
			l.s.breach("%s, which is not ours or a copy", change)
		case !alive(was.Status):
			l.s.breach("%s, which is dead", change)
		case l.isTouched(was.InvoiceID+" "+field, sent) && (!l.copies[was.InvoiceID] || field == "Status"): // a copy that is adopted is taken as it stands
			l.s.breach("%s, although a person had edited it", change)
		case was.Status != "DRAFT" && !l.justApproved(was, sent):
			l.s.breach("%s, although it was %s", change, was.Status)
		case field == "Status" && now.Status == "DELETED":
			l.killed[now.InvoiceID] = "the daemon"
			if !strings.Contains(l.s.mapping, "if_unwon: delete_draft") {
				l.s.breach("%s, which the mapping does not want", change)
			}
			l.untouched(change, was, sent)
			if l.s.edits.together[l.markOf(was).record] {
				l.s.breach("%s, although %d deals stopped matching at one instant", change, len(l.s.edits.together))
			}
			if l.s.stillWon(l.markOf(was).record) {
				l.s.breach("%s, although its deal is won", change)
			}
		case field == "Status" && l.copies[was.InvoiceID]:
			l.s.breach("%s, which a person made", change)
		case field == "Status":
			if !strings.Contains(l.s.mapping, "Status: "+now.Status) {
				l.s.breach("%s, which the mapping does not want", change)
			}
			l.untouched(change, was, sent)
			if now.Status == "AUTHORISED" && l.s.draw.Sent && !now.SentToContact {
				l.s.breach("%s, and it is not marked as sent", change)
			}
			l.auditRate(change, was, sent)
			if why := offByACent(was, l.s.draw.ByAmount); why != "" && !l.ever[was.InvoiceID+" Lines"] {
				l.s.breach("%s, although %s", change, why)
			}
		}
		if !l.isTouched(was.InvoiceID+" "+field, sent) {
			delete(l.touched, was.InvoiceID+" "+field) // who edited it while the call was on its way was overwritten, and is so once
		}
	}
}

// offByACent says where Xero has rounded half a cent otherwise than away from zero, as everybody else does, or has lost one
// when it approved.
func offByACent(inv xerotest.InvoiceView, byAmount bool) string {
	for i, line := range inv.Lines {
		rate := decimal.Zero
		if line.TaxType == "OUTPUT2" {
			rate = decimal.New(15, -2)
		}
		amount := line.Quantity.Mul(line.UnitAmount).Mul(decimal.NewFromInt(100).Sub(line.DiscountRate)).Shift(-2).Round(2)
		if byAmount {
			amount = line.Quantity.Mul(line.UnitAmount).Sub(line.DiscountAmount).Round(2)
		}
		if tax := amount.Mul(rate).Round(2); !amount.Equal(line.LineAmount) || !tax.Equal(line.TaxAmount) {
			return fmt.Sprintf("line %d comes to %s and %s of tax instead of %s and %s", i+1, line.LineAmount, line.TaxAmount, amount, tax)
		}
	}
	return ""
}

// justApproved is for an update that meets an approval on its way, which Xero itself refuses if it can.
func (l *ledger) justApproved(was xerotest.InvoiceView, sent time.Time) bool {
	at, ok := l.touched[was.InvoiceID+" Status"]
	return ok && !at.Before(sent.Add(-racing))
}

func (l *ledger) untouched(change string, inv xerotest.InvoiceView, sent time.Time) {
	for _, field := range sorted(fieldsOfInvoice(inv)) {
		if field != "Status" && l.isTouched(inv.InvoiceID+" "+field, sent) {
			l.s.breach("%s, although a person had edited its %s", change, field)
		}
	}
}

// ours is an invoice that the daemon made, or a person's copy that took the place of one that is dead.
func (l *ledger) ours(inv xerotest.InvoiceView) bool {
	of := l.markOf(inv)
	if of.record == "" || inv.Type != "ACCREC" {
		return false
	}
	for _, id := range sorted(l.invoices) {
		other := l.markOf(l.invoices[id])
		if l.copies[inv.InvoiceID] && other.record == of.record && id != inv.InvoiceID && alive(l.invoices[id].Status) && !l.copies[id] {
			return false
		}
	}
	return true
}

func (l *ledger) auditContacts(call string, sent time.Time) {
	marks := map[string][]string{}
	for _, now := range l.s.world.books.Contacts() {
		was, known := l.contacts[now.ContactID]
		if known && fieldsOfContact(was) != fieldsOfContact(now) {
			old, text := fieldsOfContact(was), fieldsOfContact(now)
			for i := range text {
				if text[i] != old[i] && old[i] != "" && l.isTouched(fmt.Sprint(now.ContactID, " ", i), sent) {
					l.s.breach("%s: the contact %s changes from %q to %q, although a person had written that", call, was.Name, old[i], text[i])
				}
			}
		}
		if known {
			l.auditAdoption(call, was, now, sent)
		} else {
			l.auditNewContact(call, now, sent)
		}
		l.contacts[now.ContactID] = now
		if now.ContactNumber != "" && now.CreatedByAPI {
			marks[now.ContactNumber] = append(marks[now.ContactNumber], now.Name)
		}
	}
	for _, number := range sorted(marks) {
		if len(marks[number]) > 1 {
			l.s.breach("%s: the account %s has %d contacts", call, number, len(marks[number]))
		}
	}
}

func alive(status string) bool { return status != "VOIDED" && status != "DELETED" }

func (l *ledger) markOf(inv xerotest.InvoiceView) mark {
	if record, generation := markedRecord(inv.Url); record != "" && l.marks[inv.InvoiceID].record == "" {
		l.marks[inv.InvoiceID] = mark{record, generation}
	}
	return l.marks[inv.InvoiceID]
}

// markedRecord reads a mark: which deal an invoice is for, and its generation.
func markedRecord(link string) (record string, generation int) {
	u, err := url.Parse(link)
	if err != nil || u.Query().Get("d") == "" {
		return "", 0
	}
	parts := strings.Split(u.Query().Get("d"), ".")
	if _, err := fmt.Sscan(parts[len(parts)-1], &generation); err != nil {
		return "", 0
	}
	return strings.Trim(u.Path, "/"), generation
}

func fieldsOfInvoice(inv xerotest.InvoiceView) map[string]string {
	lines := ""
	for _, l := range inv.Lines {
		lines += fmt.Sprintln(l.Description, l.ItemCode, l.AccountCode, l.TaxType, l.Quantity, l.UnitAmount, l.DiscountRate, l.LineAmount, l.TaxAmount, l.Tracking["Region"])
	}
	return map[string]string{"Status": inv.Status, "Reference": inv.Reference, "Url": inv.Url, "InvoiceNumber": inv.InvoiceNumber, "Date": inv.Date, "DueDate": inv.DueDate,
		"Contact": inv.ContactID, "CurrencyCode": inv.CurrencyCode, "Lines": lines}
}

func fieldsOfContact(c xerotest.ContactView) [6]string {
	return [6]string{c.ContactNumber, c.AccountNumber, c.Name, c.EmailAddress, fmt.Sprint(c.Postal), c.ContactStatus}
}
