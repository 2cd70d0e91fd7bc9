package salesforcetest

import (
	"net/http"
	"time"
)

const (
	updatedDays  = 30
	deletedDays  = 15 // the recycle bin keeps records as long
	maxChangeIDs = 600000
)

// window reads start and end, whose seconds Salesforce drops.
func (o *Org) window(c *call, days int) (start, end time.Time, err *refusal) {
	start, ok := parseMoment(c.param("start"))
	end, ok2 := parseMoment(c.param("end"))
	if !ok || !ok2 {
		return start, end, badRequest("MISSING_ARGUMENT", "start and end must be given as dateTimes")
	}
	start, end = start.Truncate(time.Minute), end.Truncate(time.Minute)
	now := o.now()
	switch {
	case !start.Before(end):
		err = badRequest("INVALID_REPLICATION_DATE", "startDate before endDate")
	case start.Before(now.AddDate(0, 0, -days)):
		err = badRequest("INVALID_REPLICATION_DATE", "startDate cannot be more than "+map[int]string{updatedDays: "30", deletedDays: "15"}[days]+" days ago")
	case start.After(now):
		err = badRequest("INVALID_REPLICATION_DATE", "startDate cannot be in the future")
	}
	return start, end, err
}

// covered is the moment up to which the list is complete: while a change is not visible yet, it stays at that change's stamp.
func (o *Org) covered(obj *object, end time.Time) time.Time {
	if now := o.now(); now.Before(end) {
		end = now
	}
	now := o.opt.Now()
	for r := range obj.pending {
		for _, v := range r.older {
			if v.until.After(now) {
				if s, ok := r.get("SystemModstamp").(time.Time); ok && s.Before(end) {
					end = s
				}
			}
		}
	}
	return end
}

func (o *Org) changed(obj *object, start, end time.Time, deleted bool) []hit {
	rd := o.reader(true)
	stamp := obj.field("SystemModstamp")
	var hits []hit
	for _, r := range obj.rows {
		vals := rd.see(r)
		if vals == nil || (vals[1] == true) != deleted {
			continue
		}
		if s, ok := stamp.in(vals).(time.Time); ok && !s.Before(start) && s.Before(end) {
			hits = append(hits, hit{r, vals})
		}
	}
	return hits
}

func (o *Org) updated(c *call, obj *object) answer {
	start, end, err := o.window(c, updatedDays)
	if err != nil {
		return err.answer()
	}
	ids := []string{}
	for _, h := range o.changed(obj, start, end, false) {
		ids = append(ids, h.r.id)
	}
	if len(ids) > maxChangeIDs {
		return badRequest("EXCEEDED_ID_LIMIT", "too many ids: narrow the window").answer()
	}
	return jsonAnswer(http.StatusOK, struct {
		IDs     []string `json:"ids"`
		Covered string   `json:"latestDateCovered"`
	}{ids, o.covered(obj, end).Format(stampLayout)})
}

func (o *Org) deleted(c *call, obj *object) answer {
	start, end, err := o.window(c, deletedDays)
	if err != nil {
		return err.answer()
	}
	type gone struct {
		ID   string `json:"id"`
		Date string `json:"deletedDate"`
	}
	stamp := obj.field("SystemModstamp")
	list := []gone{}
	for _, h := range o.changed(obj, start, end, true) {
		list = append(list, gone{h.r.id, stamp.in(h.vals).(time.Time).Format(stampLayout)})
	}
	return jsonAnswer(http.StatusOK, struct {
		Deleted  []gone `json:"deletedRecords"`
		Earliest string `json:"earliestDateAvailable"`
		Covered  string `json:"latestDateCovered"`
	}{list, o.now().AddDate(0, 0, -deletedDays).Truncate(time.Minute).Format(stampLayout), o.covered(obj, end).Format(stampLayout)})
}
