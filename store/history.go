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
