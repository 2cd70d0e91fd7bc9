package xero

import (
	"io"
	"sync"
)

// byteGate asks once more whether a call may leave, as late as can be: before the
// connection is asked for, and again when the first byte of the body is read. In
// between may lie a sign-in of TLS, or a machine that was suspended. A body of which
// nothing was read makes no document: over HTTP/1 not even the headers have left
// then, over HTTP/2 the call is broken off behind them.
type byteGate struct {
	io.Reader
	last func() error

	mu      sync.Mutex // net/http reads the body in a goroutine of its own
	begun   bool
	refused error
}

func (g *byteGate) ask() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.last != nil && !g.begun && g.refused == nil {
		g.refused = g.last()
	}
	return g.refused
}

// Read gives the body, if it may leave.
func (g *byteGate) Read(p []byte) (int, error) {
	if err := g.ask(); err != nil {
		return 0, err
	}
	g.mu.Lock()
	g.begun = true
	g.mu.Unlock()
	return g.Reader.Read(p)
}

// refusal is why nothing has left; nil when something has, or may have.
func (g *byteGate) refusal() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.begun {
		return nil
	}
	return g.refused
}
