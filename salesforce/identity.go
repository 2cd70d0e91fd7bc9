package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"sf2xero/sync/remote"
)

// Identity says whose data this is, and who reads it.
type Identity struct {
	OrgID         string // 18 characters
	Name          string // of the organisation
	User          string // id of the integration user, 18 characters
	Instance      string // https://example.my.salesforce.com: where links to records begin
	Currency      string // of the organisation, ISO code
	Sandbox       bool
	MultiCurrency bool // records have a CurrencyIsoCode of their own

	Objects map[string]Object // of those that were asked about, the ones that are there
}

const opIdentity = "read Organization"

// Identity reads who we are, in one call, and whether the organisation has some further objects. The organisation's id is that of the token, since the stores of a production
// organisation and its sandbox must not be mixed up whatever the data says.
func (c *Client) Identity(ctx context.Context, further ...string) (Identity, error) {
	organization := Select{From: "Organization", Fields: []string{"Name", "DefaultCurrencyIsoCode", "IsSandbox"}}
	subs := []subrequest{
		{op: opIdentity, method: http.MethodGet, paged: true, url: c.path("query") + "?q=" + url.QueryEscape(organization.SOQL())},
		c.describeRequest("Opportunity"),
	}
	for _, name := range further {
		subs = append(subs, c.describeRequest(name))
	}
	answers, err := c.composite(ctx, subs)
	if err != nil {
		return Identity{}, err
	}
	if answers[0].err != nil {
		return Identity{}, answers[0].err
	}
	opportunity, err := readObject("Opportunity", answers[1])
	if err != nil {
		return Identity{}, err
	}
	var found struct {
		Records []struct {
			ID                     string `json:"Id"`
			Name                   string
			DefaultCurrencyIsoCode string
			IsSandbox              bool
		}
	}
	if err := json.Unmarshal(answers[0].body, &found); err != nil || len(found.Records) != 1 {
		return Identity{}, unreadable(opIdentity, errors.New("not one Organization"))
	}
	s, err := c.tokens.session(ctx)
	if err != nil {
		return Identity{}, err
	}
	org, user, err := s.who()
	if err != nil {
		return Identity{}, err
	}
	if read, err := ID18(found.Records[0].ID); err != nil || read != org {
		return Identity{}, &remote.Error{API: apiName, Op: opIdentity, Class: remote.BadConfig,
			Message: fmt.Sprintf("the token is for organisation %s, but the data is that of %s", org, found.Records[0].ID),
			Remedy:  "Check salesforce.login_url and what stands between this machine and Salesforce."}
	}
	identity := Identity{
		OrgID: org, User: user, Instance: s.instance.String(),
		Name: found.Records[0].Name, Currency: found.Records[0].DefaultCurrencyIsoCode, Sandbox: found.Records[0].IsSandbox,
	}
	for i, name := range further {
		a := answers[len(answers)-len(further)+i]
		if isMissing(a.err) {
			continue
		}
		object, err := readObject(name, a)
		if err != nil {
			return Identity{}, err
		}
		if identity.Objects == nil {
			identity.Objects = map[string]Object{}
		}
		identity.Objects[name] = object
	}
	for _, f := range opportunity.Fields {
		// The field exists only where several currencies are switched on.
		identity.MultiCurrency = identity.MultiCurrency || strings.EqualFold(f.Name, "CurrencyIsoCode")
	}
	return identity, nil
}

// who reads the identity URL of the token, https://login.salesforce.com/id/<organisation>/<user>.
func (s *session) who() (org, user string, err error) {
	strange := &remote.Error{API: apiName, Op: opSignIn, Class: remote.BadConfig,
		Message: "the token does not say which organisation it is for", Remedy: "Check salesforce.login_url."}
	u, err := url.Parse(s.id)
	if err != nil {
		return "", "", strange
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) < 3 || parts[len(parts)-3] != "id" {
		return "", "", strange
	}
	if org, err = ID18(parts[len(parts)-2]); err != nil {
		return "", "", strange
	}
	if user, err = ID18(parts[len(parts)-1]); err != nil {
		return "", "", strange
	}
	return org, user, nil
}
