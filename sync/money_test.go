package sync_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Money is decimal from wire to wire: the one binary fraction of the program is the jitter of retries.
func TestNoBinaryFractionNearMoney(t *testing.T) {
	t.Parallel()
	read := 0
	for _, root := range []string{".", "../mapping", "../xero", "../store"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				switch filepath.ToSlash(path) {
				case "remote", "faults", "../xero/xerotest": // pacing, latencies; what is not ours
					return fs.SkipDir
				}
				return nil
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			read++
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					return n.Name.Name != "jitter"
				case *ast.Ident:
					if strings.Contains(strings.ToLower(n.Name), "float") {
						t.Errorf("%s has %s", path, n.Name)
					}
				case *ast.BasicLit:
					if n.Kind == token.FLOAT {
						t.Errorf("%s has the number %s", path, n.Value)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 60 {
		t.Errorf("only %d files were read", read)
	}
}
