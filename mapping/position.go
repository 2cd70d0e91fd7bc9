package mapping

import "go.yaml.in/yaml/v4"

// places gives the place in the file of every character of a scalar's value,
// and one more for its end. The parser keeps only where the scalar begins; in
// quoted, folded and literal scalars the characters behind that are found by
// walking the raw text beside the value.
func (s *source) places(n *yaml.Node) []position {
	w := &walker{lines: s.lines, line: n.Line - 1, column: n.Column - 1}
	value := []rune(n.Value)
	places := make([]position, 0, len(value)+1)
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		w.enterBlock(value)
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		w.column++
	}
	w.double = n.Style&yaml.DoubleQuotedStyle != 0
	w.single = n.Style&yaml.SingleQuotedStyle != 0
	for i, r := range value {
		if r == '\n' && w.next(0) != '\\' || r == ' ' && w.atBreak(n.Style) {
			// A fold: one character of the value for a line break and the
			// indentation behind it; of several breaks each keeps its place.
			places = append(places, w.place())
			if n.Style&yaml.LiteralStyle != 0 || i+1 < len(value) && value[i+1] == '\n' {
				w.nextLine()
			} else {
				w.nextText()
			}
			continue
		}
		places = append(places, w.take())
	}
	return append(places, w.place())
}

// walker moves over the raw text of one scalar.
type walker struct {
	lines          [][]rune
	line, column   int
	indent         int
	block          bool
	double, single bool
}

func (w *walker) current() []rune {
	if w.line < 0 || w.line >= len(w.lines) {
		return nil
	}
	return w.lines[w.line]
}

func (w *walker) place() position { return position{w.line + 1, w.column + 1} }

// atBreak tells whether the blank that comes next in the value stands for a
// line break. Blanks at the end of a line count only in block scalars.
func (w *walker) atBreak(style yaml.Style) bool {
	if style&yaml.LiteralStyle != 0 {
		return false
	}
	if w.block {
		return w.column >= len(w.current())
	}
	return w.atEnd()
}

// atEnd tells whether only blanks are left in the line.
func (w *walker) atEnd() bool {
	line := w.current()
	for c := w.column; c < len(line); c++ {
		if line[c] != ' ' && line[c] != '\t' {
			return false
		}
	}
	return true
}

// take returns the place of the next character and steps over it, however many
// characters it is written with.
func (w *walker) take() position {
	line := w.current()
	if w.double && w.column == len(line)-1 && line[w.column] == '\\' {
		w.nextText()
		line = w.current()
	}
	at := w.place()
	switch {
	case w.single && w.next(0) == '\'':
		w.column += 2
	case w.double && w.next(0) == '\\':
		switch w.next(1) {
		case 'x':
			w.column += 4
		case 'u':
			w.column += 6
		case 'U':
			w.column += 10
		default:
			w.column += 2
		}
	default:
		w.column++
	}
	w.column = min(w.column, len(line))
	return at
}

func (w *walker) next(ahead int) rune {
	if line := w.current(); w.column+ahead < len(line) {
		return line[w.column+ahead]
	}
	return 0
}

func (w *walker) nextLine() {
	if w.line < len(w.lines)-1 {
		w.line++
		w.column = min(w.indent, len(w.current()))
	}
}

// nextText goes to the text of the next line that has any. In block scalars
// what stands behind the common indentation is text, blanks too.
func (w *walker) nextText() {
	w.nextLine()
	for w.atEnd() && w.line < len(w.lines)-1 {
		w.nextLine()
	}
	if w.block {
		return
	}
	for r := w.next(0); r == ' ' || r == '\t'; r = w.next(0) {
		w.column++
	}
}

// enterBlock goes from the | or > to the first character of the text and
// learns its indentation.
func (w *walker) enterBlock(value []rune) {
	w.block = true
	w.line++
	for i := w.line; i < len(w.lines); i++ {
		blanks := 0
		for blanks < len(w.lines[i]) && w.lines[i][blanks] == ' ' {
			blanks++
		}
		if blanks == len(w.lines[i]) {
			continue
		}
		w.indent = blanks
		// With an indentation indicator (|2) leading blanks belong to the text.
		for _, r := range value {
			if r != ' ' && r != '\n' {
				break
			}
			if r == ' ' && w.indent > 0 {
				w.indent--
			}
		}
		break
	}
	w.column = min(w.indent, len(w.current()))
}
