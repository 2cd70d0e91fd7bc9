package plan

import (
	"testing"
	"time"
)

// When to send, to insert, to wait and to step back: everything a daemon can know of the lease, and what follows.
func TestDecideLease(t *testing.T) {
	t.Parallel()
	const span = 12 * time.Minute
	at := func(minute int) time.Time { return time.Date(2026, 11, 21, 10, minute, 0, 0, time.UTC) }
	sign := func(n int, token string, minute int) *LeaseRow {
		return &LeaseRow{N: n, Token: token, Holder: "host-1", Stamp: at(minute)}
	}
	released := func(n int, closing string) *LeaseRow {
		return &LeaseRow{N: n, Closing: closing, Stamp: at(0)}
	}
	second := time.Second
	for _, c := range []struct {
		name  string
		facts LeaseFacts
		want  LeaseStep
	}{
		{"no row at all: the first", LeaseFacts{Watch: at(0)}, LeaseStep{Do: LeaseTake, N: 1}},
		{"another's, silent for less than settle and the bound", LeaseFacts{Newest: sign(3, "a", 0), Watch: at(12)}, LeaseStep{Do: LeaseWait, Until: at(12).Add(second)}},
		{"another's, silent long enough when the watch began; stamps have whole seconds", LeaseFacts{Newest: sign(3, "a", 0), Watch: at(12).Add(second)}, LeaseStep{Do: LeaseTake, N: 4}},
		{"another's, and nobody knows what time it is", LeaseFacts{Newest: sign(3, "a", 0)}, LeaseStep{Do: LeaseWait, Until: at(12).Add(second)}},
		{"released to this store", LeaseFacts{Newest: released(3, "x"), Closing: "x", Watch: at(1)}, LeaseStep{Do: LeaseTake, N: 4}},
		{"released to another store: it ages", LeaseFacts{Newest: released(3, "x"), Closing: "y", Watch: at(1)}, LeaseStep{Do: LeaseWait, Until: at(12).Add(second)}},
		{"released, and this store was never stopped cleanly", LeaseFacts{Newest: released(3, "x"), Watch: at(1)}, LeaseStep{Do: LeaseWait, Until: at(12).Add(second)}},
		{"not released, and this store left no number", LeaseFacts{Newest: sign(3, "a", 0), Watch: at(1)}, LeaseStep{Do: LeaseWait, Until: at(12).Add(second)}},
		{"released to this store once, taken by another since", LeaseFacts{Newest: sign(4, "b", 5), Closing: "x", Watch: at(6)}, LeaseStep{Do: LeaseWait, Until: at(17).Add(second)}},
		{"ours", LeaseFacts{Mine: Lease{N: 3, Token: "a"}, Newest: sign(3, "a", 0), Watch: at(1)}, LeaseStep{Do: LeaseGo}},
		{"ours, before the wait is over", LeaseFacts{Mine: Lease{N: 3, Token: "a", From: at(9)}, Newest: sign(3, "a", 8), Watch: at(8)}, LeaseStep{Do: LeaseWait, Until: at(9)}},
		{"ours, after the wait", LeaseFacts{Mine: Lease{N: 3, Token: "a", From: at(9)}, Newest: sign(3, "a", 8), Watch: at(9)}, LeaseStep{Do: LeaseGo}},
		{"ours was, and there is a next one", LeaseFacts{Mine: Lease{N: 3, Token: "a"}, Newest: sign(4, "b", 8), Watch: at(9)}, LeaseStep{Do: LeaseLost}},
		{"ours was, and the number bears another token", LeaseFacts{Mine: Lease{N: 1, Token: "a"}, Newest: sign(1, "b", 8), Watch: at(9)}, LeaseStep{Do: LeaseLost}},
		{"ours was, and is gone", LeaseFacts{Mine: Lease{N: 1, Token: "a"}, Watch: at(9)}, LeaseStep{Do: LeaseLost}},
		{"ours was, and lies in the recycle bin", LeaseFacts{Mine: Lease{N: 1, Token: "a"}, Newest: &LeaseRow{N: 1, Token: "a", Stamp: at(8), Deleted: true}, Watch: at(9)}, LeaseStep{Do: LeaseLost}},
		{"another's in the recycle bin: its holder may be sending still", LeaseFacts{Newest: &LeaseRow{N: 3, Token: "a", Stamp: at(8), Deleted: true}, Watch: at(9)}, LeaseStep{Do: LeaseWait, Until: at(20).Add(second)}},
		{"another's, long in the recycle bin", LeaseFacts{Newest: &LeaseRow{N: 3, Token: "a", Stamp: at(8), Deleted: true}, Watch: at(21)}, LeaseStep{Do: LeaseTake, N: 4}},
		{"released to this store, and deleted", LeaseFacts{Newest: &LeaseRow{N: 3, Closing: "x", Stamp: at(8), Deleted: true}, Closing: "x", Watch: at(9)}, LeaseStep{Do: LeaseWait, Until: at(20).Add(second)}},
		{"ours was deleted, the one before stands", LeaseFacts{Mine: Lease{N: 2, Token: "b"}, Newest: sign(1, "a", 0), Watch: at(9)}, LeaseStep{Do: LeaseLost}},
		{"ours was released by a copy of this process", LeaseFacts{Mine: Lease{N: 3, Token: "a"}, Newest: released(3, "x"), Watch: at(9)}, LeaseStep{Do: LeaseLost}},
	} {
		c.facts.Span = span
		if got := DecideLease(c.facts); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Who has taken a row creates only what no other's call can still make too.
func TestFromWhenATakerCreates(t *testing.T) {
	t.Parallel()
	const span = 12 * time.Minute
	at := func(minute int) time.Time { return time.Date(2026, 11, 21, 10, minute, 0, 0, time.UTC) }
	for _, c := range []struct {
		name   string
		free   bool
		before *LeaseRow
		want   time.Time
	}{
		{"free", true, &LeaseRow{N: 1, Stamp: at(20)}, time.Time{}},
		{"the first row: as long as from the insert", false, nil, at(42).Add(time.Second)},
		{"no sign since it was looked at", false, &LeaseRow{N: 1, Stamp: at(0)}, at(12).Add(time.Second)},
		{"a sign in between", false, &LeaseRow{N: 1, Stamp: at(29)}, at(41).Add(time.Second)},
	} {
		if got := LeaseFrom(c.free, c.before, at(30), span); !got.Equal(c.want) {
			t.Errorf("%s: from %s, want %s", c.name, got, c.want)
		}
	}
}
