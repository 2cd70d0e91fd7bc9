package remote

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestTimeFollowsTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var server Time
		if _, known := server.Now(); known {
			t.Fatal("knows the time before any answer")
		}
		server.Observe("not a date", time.Now())
		if _, known := server.Now(); known {
			t.Fatal("took a malformed date")
		}
		want := func(s string) {
			t.Helper()
			now, known := server.Now()
			if got := now.Format(time.RFC3339); !known || got != s {
				t.Errorf("got %s (%v), want %s", got, known, s)
			}
		}
		date := func(h, m, s int) string {
			return time.Date(2026, 11, 21, h, m, s, 0, time.UTC).Format(http.TimeFormat)
		}
		server.Observe(date(10, 0, 0), time.Now()) // our own clock stands in the year 2000
		time.Sleep(90 * time.Second)
		want("2026-11-21T10:01:30Z")
		server.Observe(date(10, 1, 28), time.Now()) // an answer that was long on its way
		want("2026-11-21T10:01:30Z")
		server.Observe(date(10, 1, 33), time.Now())
		want("2026-11-21T10:01:33Z")
		server.Observe(date(13, 0, 0), time.Now()) // one answer by way of a proxy whose clock is wrong
		server.Observe(date(10, 1, 33), time.Now())
		server.Observe(date(13, 0, 0), time.Now())
		want("2026-11-21T10:01:33Z")
		server.Observe(date(9, 0, 0), time.Now()) // the server's clock was put right
		want("2026-11-21T10:01:33Z")
		time.Sleep(5 * time.Second)
		server.Observe(date(9, 0, 5), time.Now()) // and stays so
		want("2026-11-21T09:00:05Z")
		server.Observe(date(10, 2, 0), time.Now())
		server.Observe(date(10, 2, 0), time.Now())
		want("2026-11-21T10:02:00Z")
	})
}

// What follows from the first answer alone may follow from a wrong clock.
func TestTwoAnswersAgreeOnTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var server Time
		right := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
		for _, step := range []struct {
			date time.Time
			want bool
		}{
			{right.Add(3 * time.Hour), false}, // by way of a proxy
			{right, false},
			{right, true}, // the second that says so
			{right.Add(3 * time.Hour), true},
			{right, true},
		} {
			server.Observe(step.date.Format(http.TimeFormat), time.Now())
			if server.Agreed() != step.want {
				t.Errorf("after %s: agreed is %t", step.date, !step.want)
			}
		}
		if now, _ := server.Now(); !now.Equal(right) {
			t.Errorf("it is %s", now)
		}
	})
}
