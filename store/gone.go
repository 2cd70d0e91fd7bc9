package store

import "strings"

// What became of accounts that Salesforce no longer has is kept as small facts: what an account was merged into, and, the
// other way round, whom it took in.
const (
	goneName     = "gone/"     // + account id: "deleted", or the id of the account that it was merged into
	absorbedName = "absorbed/" // + surviving id / merged id
	goneDeleted  = "deleted"
)

// PutGone notes that an account was deleted, or merged into another one.
func (tx *Tx) PutGone(id, into string) error {
	if err := checkParts("what became of "+id, id); err != nil {
		return err
	}
	if err := tx.ForgetGone(id); err != nil {
		return err
	}
	if into == "" {
		return tx.SetValue(goneName+id, goneDeleted)
	}
	if err := tx.SetValue(absorbedName+into+"/"+id, id); err != nil {
		return err
	}
	return tx.SetValue(goneName+id, into)
}

// Gone is what became of an account: the account it was merged into, or "" for one that was deleted; false for one of which
// nothing like that is known.
func (tx *Tx) Gone(id string) (into string, gone bool) {
	switch into = tx.Value(goneName + id); into {
	case "":
		return "", false
	case goneDeleted:
		return "", true
	}
	return into, true
}

// ForgetGone is for an account that is there after all: it was taken out of the recycle bin.
func (tx *Tx) ForgetGone(id string) error {
	if into, gone := tx.Gone(id); gone && into != "" {
		if err := tx.SetValue(absorbedName+into+"/"+id, ""); err != nil {
			return err
		}
	}
	return tx.SetValue(goneName+id, "")
}

// MergedInto lists the accounts that were merged into an account, by id.
func (tx *Tx) MergedInto(id string) (merged []string) {
	p := absorbedName + id + "/"
	for name := range tx.scan(bucketValues, []byte(p), nil) {
		merged = append(merged, strings.TrimPrefix(string(name), p))
	}
	return merged
}
