package conform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"go.yaml.in/yaml/v4"
)

const base = "/api.xro/2.0"

// checker holds the file twice: strict for calls, where an unknown property name is an error, and as it stands for
// answers, in which Xero sends more than the file describes.
type checker struct{ calls, answers *spec }

type spec struct{ router routers.Router }

// loaded reads the file once per process: parsing it takes half a second.
var loaded = sync.OnceValues(func() (*checker, error) {
	path := os.Getenv(Env)
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	strict, err := load(text, true)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	lenient, err := load(text, false)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &checker{strict, lenient}, nil
})

func open(t T) *checker {
	t.Helper()
	c, err := loaded()
	if err != nil {
		t.Errorf("conform: Xero's OpenAPI file cannot be used: %v", err)
	} else if c == nil {
		t.Logf("conform: %s is not set, so nothing is checked against Xero's OpenAPI file", Env)
	}
	return c
}

// load parses the file without its defaults and examples: several are of the wrong type (text defaults on booleans,
// number examples on texts) and make the file fail its own rules.
func load(text []byte, strict bool) (*spec, error) {
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	prune(tree, strict)
	if paths, ok := tree["paths"].(map[string]any); ok {
		delete(paths, "/Contacts/{ContactNumber}") // hides POST /Contacts/{ContactID} from the router
		// It says one Allocation; users of two libraries report that a list comes back.
		delete(responses(paths, "/CreditNotes/{CreditNoteID}/Allocations/{AllocationID}", "delete"), "200")
	}
	tree["servers"] = []any{map[string]any{"url": base}} // whatever host it runs on
	plain, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(plain)
	if err != nil {
		return nil, err
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	return &spec{router}, nil
}

// responses are those of an operation, nil where the file has none.
func responses(paths map[string]any, path, method string) map[string]any {
	item, _ := paths[path].(map[string]any)
	operation, _ := item[method].(map[string]any)
	all, _ := operation["responses"].(map[string]any)
	return all
}

func prune(node any, strict bool) {
	switch n := node.(type) {
	case map[string]any:
		for _, faulty := range []string{"default", "example", "examples"} {
			delete(n, faulty)
		}
		if _, isObject := n["properties"].(map[string]any); isObject && strict {
			if _, said := n["additionalProperties"]; !said {
				n["additionalProperties"] = false
			}
		}
		for _, child := range n {
			prune(child, strict)
		}
	case []any:
		for _, child := range n {
			prune(child, strict)
		}
	}
}

// input is what the validator wants to know of a call. It gets a copy: it consumes bodies.
func (s *spec) input(r *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := s.router.FindRoute(r)
	if err != nil {
		return nil, err
	}
	return &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{
		AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc,
		SkipSettingDefaults: true, // the file's defaults are wrong, and a check must not change what it checks
		MultiError:          true,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.DisableSchemaErrorDetails(),
			openapi3.WithStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)),
		},
	}}, nil
}
