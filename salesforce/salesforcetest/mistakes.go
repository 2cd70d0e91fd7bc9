package salesforcetest

import (
	"fmt"
	"strings"
)

// An ExportError tells everything that is wrong with the files of an export, each mistake in a line that names its file, its line and
// its column.
type ExportError struct {
	Folder   string
	Mistakes []string
}

func (e *ExportError) Error() string {
	if len(e.Mistakes) == 1 {
		return e.Mistakes[0]
	}
	return fmt.Sprintf("%d mistakes in %s:\n%s", len(e.Mistakes), e.Folder, strings.Join(e.Mistakes, "\n"))
}

// toldInFull is how many mistakes of one column are told one by one; a column of the wrong kind has one in every row.
const toldInFull = 20

// mistakes collects them in the order of the files.
type mistakes struct {
	lines []string
	cells map[string]int // by file and column
	more  map[string]int // where in lines a column's further mistakes are counted
}

func newMistakes() *mistakes { return &mistakes{cells: map[string]int{}, more: map[string]int{}} }

// file is a mistake of a file as a whole.
func (m *mistakes) file(t *table, format string, args ...any) {
	m.lines = append(m.lines, t.name+": "+fmt.Sprintf(format, args...))
}

// row is one of a line.
func (m *mistakes) row(t *table, line int, format string, args ...any) {
	m.cell(t, line, "", format, args...)
}

// cell is one of a value.
func (m *mistakes) cell(t *table, line int, column, format string, args ...any) {
	key := t.name + ":" + column
	m.cells[key]++
	place := fmt.Sprintf("%s:%d: ", t.name, line)
	if column != "" {
		place += column + ": "
	}
	switch n := m.cells[key]; {
	case n <= toldInFull:
		m.lines = append(m.lines, place+fmt.Sprintf(format, args...))
	case n == toldInFull+1:
		m.more[key] = len(m.lines)
		m.lines = append(m.lines, "")
		fallthrough
	default:
		m.lines[m.more[key]] = fmt.Sprintf("%sand %d more like it in this column", place, n-toldInFull)
	}
}

func (m *mistakes) err(folder string) error {
	if len(m.lines) == 0 {
		return nil
	}
	return &ExportError{Folder: folder, Mistakes: m.lines}
}

// nearest finds the name that somebody may have meant: at most two letters off, and not half the word.
func nearest(name string, known []string) string {
	best, at := 3, ""
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < best && 2*d < len(name) {
			best, at = d, k
		}
	}
	return at
}

func didYouMean(name string, known []string) string {
	if k := nearest(name, known); k != "" {
		return "; did you mean " + k + "?"
	}
	return ""
}

// distance counts the letters to put in, leave out, change or swap.
func distance(a, b string) int {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
