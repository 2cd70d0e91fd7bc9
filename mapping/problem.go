package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a mapping file.
type Problem struct {
	File         string
	Line, Column int    // in characters, from 1
	Text         string // a sentence without the place
	Excerpt      string // the line, and a caret below the place
}

// String gives the problem in one line, as compilers do.
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// position is a place in the file; both count from 1.
type position struct{ Line, Column int }

func (p position) compare(q position) int {
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// source is the text of a mapping file, for excerpts and positions.
type source struct {
	file  string
	lines [][]rune
}

func newSource(file, text string) *source {
	s := &source{file: file}
	for line := range strings.SplitSeq(lineBreaks.Replace(text), "\n") {
		s.lines = append(s.lines, []rune(line))
	}
	return s
}

// lineBreaks are all that YAML counts as the end of a line.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// excerpt shows the line with a caret below the column. Tabs are repeated in
// the caret's line, so that the caret stands right at any tab width.
func (s *source) excerpt(at position) string {
	if at.Line < 1 || at.Line > len(s.lines) {
		return ""
	}
	line := s.lines[at.Line-1]
	column := min(max(at.Column, 1), len(line)+1)
	const most = 160 // a longer line would wrap and carry the caret away
	from := 0
	if len(line) > most && column > most*3/4 {
		from = column - most/2
	}
	to := min(len(line), from+most)
	var b strings.Builder
	b.WriteString(string(line[from:to]))
	b.WriteByte('\n')
	for _, r := range line[from : column-1] {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	b.WriteByte('^')
	return b.String()
}

// report collects problems.
type report struct {
	src      *source
	problems []Problem
}

func (r *report) add(at position, format string, args ...any) {
	r.problems = append(r.problems, Problem{
		File: r.src.file, Line: at.Line, Column: at.Column,
		Text:    fmt.Sprintf(format, args...),
		Excerpt: r.src.excerpt(at),
	})
}

// sorted gives the problems in the order of the file, each once.
func sorted(problems []Problem) []Problem {
	problems = slices.Clone(problems)
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(problems)
}
