package state

import (
	"testing"
	"time"
)

func TestWhatFailsWaitsLongerEachTime(t *testing.T) {
	t.Parallel()
	for tries, want := range map[int]time.Duration{0: time.Minute, 1: time.Minute, 2: 2 * time.Minute, 5: 16 * time.Minute, 6: 30 * time.Minute, 1000: 30 * time.Minute} {
		if got := backOff(tries); got != want {
			t.Errorf("try %d waits %s, want %s", tries, got, want)
		}
	}
}

func TestTheOtherHalf(t *testing.T) {
	t.Parallel()
	for group, want := range map[string]string{"a/0": "a/1", "a/1": "a/0", "a/1/0": "a/1/1", "a/0/1": "a/0/0"} {
		if got := sibling(group); got != want {
			t.Errorf("the sibling of %s is %s, want %s", group, got, want)
		}
	}
}
