package mapping

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// swallowed finds a comment that was meant as text. In YAML " #" begins one,
// so that Order #1 is Order. People write their comments with a blank behind
// the #, and do not begin one inside of quotes.
func (s *source) swallowed(n *yaml.Node, places []position) (at position, why string) {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || len(places) == 0 {
		return position{}, ""
	}
	end := places[len(places)-1]
	if end.Line < 1 || end.Line > len(s.lines) || end.Column > len(s.lines[end.Line-1]) {
		return position{}, ""
	}
	rest := s.lines[end.Line-1][end.Column-1:]
	blanks := len(rest) - len([]rune(strings.TrimLeft(string(rest), " \t")))
	comment := rest[blanks:]
	if blanks == 0 || len(comment) == 0 || comment[0] != '#' {
		return position{}, ""
	}
	at = position{end.Line, end.Column + blanks}
	text := strings.TrimLeft(string(comment), "#")
	switch quote := openQuote(n.Value); {
	case quote != 0 && strings.ContainsRune(text, quote):
		return at, "the text in quotes ends here, because"
	case text != "" && text[0] != ' ' && text[0] != '\t':
		return at, "the value ends here, because"
	}
	return position{}, ""
}

// openQuote is the quote that a text leaves open, 0 when it leaves none. An
// apostrophe inside of a word opens nothing.
func openQuote(text string) rune {
	open, before := rune(0), ' '
	for _, r := range text {
		switch {
		case open != 0 && r == open:
			open = 0
		case open == 0 && r == '"', open == 0 && r == '\'' && strings.ContainsRune(" (,=", before):
			open = r
		}
		before = r
	}
	return open
}

// commentIn is true for a line with a comment behind something else.
func (s *source) commentIn(line int) bool {
	return line >= 1 && line <= len(s.lines) && strings.Contains(strings.TrimLeft(string(s.lines[line-1]), " \t"), " #")
}
