package xero

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sf2xero/sync/remote"
)

const pageSize = 1000 // the most that Xero gives

// Filter narrows a list. The zero value lists everything that is not archived.
type Filter struct {
	Since      time.Time // what changed after it, to the second; Xero does not say whether inclusive
	IDs        []string
	Numbers    []string // invoices only
	ContactIDs []string
	Statuses   []string
	Archived   bool // archived contacts too
	OurApp     bool // only what was made through this app (invoices)
	Where      string
}

// Page is one page of a list.
type Page struct {
	Number int
	Items  []json.RawMessage
	Last   bool      // only a list read to its last page says anything about what is not in it
	Asked  time.Time // server's time when page 1 was asked for, never later than the truth
}

// List reads a list page by page to its last one, in the order of the ids: in the
// order of change, documents that change meanwhile would slip between two pages.
// What is asked for in more words than an address takes is asked for piece by
// piece. An error ends it.
func (c *Client) List(ctx context.Context, k Kind, f Filter) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		queries, err := k.queries(f)
		if err != nil {
			yield(Page{}, c.at("GET "+k.Path(), err))
			return
		}
		var asked time.Time // of the first piece: nothing of the whole is older
		read := 0
		for i, query := range queries {
			for page, err := range c.pages(ctx, k, query, f.Since) {
				if err != nil {
					yield(Page{}, err)
					return
				}
				if read++; read == 1 {
					asked = page.Asked
				}
				page.Number, page.Asked, page.Last = read, asked, page.Last && i == len(queries)-1
				if !yield(page, nil) {
					return
				}
			}
		}
	}
}

// pages reads what one query asks for.
func (c *Client) pages(ctx context.Context, k Kind, query url.Values, since time.Time) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		s, _ := k.shape()
		var asked time.Time
		for number := 1; ; number++ {
			if s.paged {
				query.Set("page", strconv.Itoa(number))
			}
			a, err := c.get(ctx, reading{path: k.Path(), query: query, since: since})
			if err != nil {
				yield(Page{}, err)
				return
			}
			if number == 1 {
				if asked = c.askedAt(a); asked.IsZero() {
					yield(Page{}, c.at("GET "+k.Path(), &remote.Error{Class: remote.BadConfig,
						Message: "Xero's answers bear no readable Date, and without its time nobody can say what a list shows; look for what stands between this program and Xero and takes it out"}))
					return
				}
			}
			page, err := decodePage(k, a, number)
			if err == nil && len(a.body) == 0 && since.IsZero() {
				err = errors.New("it says that nothing has changed, which was not asked")
			}
			if err != nil {
				yield(Page{}, c.undecodable("GET "+k.Path(), a, err))
				return
			}
			page.Asked = asked
			page.Last = page.Last || !s.paged
			if !yield(page, nil) || page.Last {
				return
			}
		}
	}
}

// askedAt is the server's time when a call was made: its time now, less the time since.
func (c *Client) askedAt(a answer) time.Time {
	now, known := c.time.Now()
	if !known {
		return time.Time{}
	}
	return now.Add(-time.Since(a.asked))
}

// decodePage reads a page. Without Xero's word on how many pages there are, only
// an empty one is the last: a page that Xero cut shorter than asked looks like it.
// A list that contradicts itself is no list: what it leaves out would count as not there.
func decodePage(k Kind, a answer, number int) (Page, error) {
	page := Page{Number: number}
	if len(a.body) == 0 { // 304: nothing has changed
		page.Last = true
		return page, nil
	}
	keys, err := fold(a.body)
	if err != nil {
		return page, err
	}
	list, ok := keys[strings.ToLower(string(k))]
	if !ok {
		return page, fmt.Errorf("it has no %s", k)
	}
	if err := json.Unmarshal(list, &page.Items); err != nil || page.Items == nil {
		return page, fmt.Errorf("its %s are no list", k)
	}
	var told struct{ PageCount, ItemCount *int }
	if raw, ok := keys["pagination"]; ok {
		if err := json.Unmarshal(raw, &told); err != nil {
			return page, fmt.Errorf("its pagination cannot be read: %w", err)
		}
	}
	if number == 1 && len(page.Items) == 0 && told.ItemCount != nil && *told.ItemCount > 0 {
		return page, fmt.Errorf("it counts %d %s and shows none", *told.ItemCount, k)
	}
	page.Last = len(page.Items) == 0 || told.PageCount != nil && number == *told.PageCount
	return page, nil
}
