package salesforce

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"sf2xero/sync/remote"
)

const (
	// callTimeout is longer than the two minutes after which Salesforce itself gives up on a query; several run in one call.
	callTimeout  = 5 * time.Minute
	tokenTimeout = 30 * time.Second
)

// The wire is the last layer before the network: pace, time limit, count, and the limits that the answer tells.
type wire struct {
	client *Client
	write  bool
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	done, err := w.client.pacer.Start(req.Context(), w.write)
	if err != nil {
		return nil, err
	}
	// Only now, since waiting for the pacer is no fault of Salesforce's.
	ctx, cancel := context.WithTimeout(req.Context(), callTimeout)
	watched, departure := remote.Watch(ctx)
	resp, err := w.client.base.RoundTrip(req.WithContext(watched))
	if err != nil {
		cancel()
		if !departure.Left(err) {
			done(0, nil)
			return nil, unreachable(req.URL.Host, err, false, callTimeout)
		}
		w.client.calls.Add(1)
		done(remote.Lost, nil)
		return nil, unreachable(req.URL.Host, err, true, callTimeout)
	}
	w.client.calls.Add(1)
	w.client.usage.observe(resp.Header.Get("Sforce-Limit-Info"))
	// The call ends with its body: until then its place in flight is taken and its time runs.
	resp.Body = &ending{ReadCloser: resp.Body, end: sync.OnceFunc(func() {
		done(resp.StatusCode, resp.Header)
		cancel()
	})}
	return resp, nil
}

type ending struct {
	io.ReadCloser
	end func()
}

func (e *ending) Close() error {
	defer e.end()
	return e.ReadCloser.Close()
}

// unreachable says why a host gave no answer.
func unreachable(host string, err error, sent bool, limit time.Duration) *remote.Error {
	var e *remote.Error
	if errors.As(err, &e) {
		return e
	}
	e = &remote.Error{API: apiName, Class: remote.Retry, Sent: sent, Err: err, Remedy: "Check salesforce.login_url, the network and its proxy."}
	var urlError *url.Error
	if errors.As(err, &urlError) {
		err = urlError.Err
	}
	var notFound *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &notFound):
		e.Message = fmt.Sprintf("cannot find the host %s", host)
	case errors.As(err, &certificate):
		e.Class = remote.BadConfig
		e.Message = fmt.Sprintf("the certificate of %s is not trusted: %v", host, certificate.Err)
		e.Remedy = "Check salesforce.login_url; where a proxy inspects the traffic, add its certificate to the system's."
	case errors.Is(err, context.DeadlineExceeded):
		e.Message = fmt.Sprintf("%s gave no answer within %s", host, limit)
	case !sent:
		e.Message = fmt.Sprintf("cannot reach %s: %v", host, err)
	default:
		e.Message = fmt.Sprintf("the connection to %s broke: %v", host, err)
	}
	return e
}
