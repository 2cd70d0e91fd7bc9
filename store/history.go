package store

const bucketHistory = "history"

// History reports whether a record was won before the mapping's start and is none of our business.
func (tx *Tx) History(k Key) bool { return tx.get(bucketHistory, k.bytes()) != nil }

// PutHistory notes that a record was seen won before the start.
func (tx *Tx) PutHistory(k Key) error {
	if err := k.check(); err != nil {
		return err
	}
	return tx.put(bucketHistory, k.bytes(), []byte{})
}

// DeleteHistory forgets that a record was history: its date was moved past the start.
func (tx *Tx) DeleteHistory(k Key) error { return tx.remove(bucketHistory, k.bytes()) }

// SetAside is what is kept of an undecided record that an edited mapping asks for no more: should the condition that it
// matched come back, it is put back as it was.
type SetAside struct {
	Cause string // of the record as it stood in the todo
	LetIn string `json:",omitempty"`
	Today string `json:",omitempty"`
	Past  bool   `json:",omitempty"`
}

// SetAside returns what was kept of a record under the condition that it matched. These stand beside the history, behind
// the record's key.
func (tx *Tx) SetAside(k Key, condition string) (SetAside, bool) {
	return load[SetAside](tx, bucketHistory, setAsideKey(k, condition))
}

// PutSetAside keeps it.
func (tx *Tx) PutSetAside(k Key, condition string, s SetAside) error {
	if err := checkParts("what is set aside of "+k.String(), k.Entry, k.ID, condition); err != nil {
		return err
	}
	return tx.save(bucketHistory, setAsideKey(k, condition), s)
}

// DeleteSetAside forgets it: the record was put back.
func (tx *Tx) DeleteSetAside(k Key, condition string) error {
	return tx.remove(bucketHistory, setAsideKey(k, condition))
}

// ForgetSetAside forgets all that was set aside of a record, under whatever condition.
func (tx *Tx) ForgetSetAside(k Key) error {
	for at := range tx.scan(bucketHistory, prefix(k.Entry, k.ID), nil) {
		if err := tx.remove(bucketHistory, at); err != nil {
			return err
		}
	}
	return nil
}

func setAsideKey(k Key, condition string) []byte { return join(k.Entry, k.ID, condition) }

// checkSetAside decodes all that is set aside; history itself has no value.
func (tx *Tx) checkSetAside() {
	for k, v := range tx.scan(bucketHistory, nil, nil) {
		if len(v) > 0 {
			decode[SetAside](bucketHistory, k, v)
		}
	}
}
