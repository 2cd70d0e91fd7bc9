package sync

// SetStagger gives each call of a push a moment of its own to begin at, so that a simulation replays exactly.
func (c *Cycle) SetStagger(wait func(call uint64)) { c.stagger = wait }
