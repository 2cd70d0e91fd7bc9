package mapping

import (
	"testing"
	"time"
	_ "time/tzdata" // the test needs Auckland on machines without time zones
)

func auckland(t testing.TB) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
