package sync_test

import "sf2xero/sync"

// sabotage switches a safeguard off.
type sabotage struct {
	cycle   func(*sync.Cycle) // inside the cycle
	draw    func(*draw)       // the world in which it matters
	getBody bool
}
