package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// variables is an environment: names and values.
type variables map[string]string

// variablesOf reads NAME=value lines, as a process is given them.
func variablesOf(lines []string) variables {
	v := variables{}
	for _, line := range lines {
		if name, value, ok := strings.Cut(line, "="); ok {
			v[name] = value
		}
	}
	return v
}

const environmentPrefix = "SF2XERO_"

// environmentName is the variable that sets a key: SF2XERO_XERO_SETTLE for xero.settle.
func environmentName(key string) string {
	return environmentPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// injected are the variables that Kubernetes and Docker's links set for every service that bears our name.
var injected = regexp.MustCompile(`^SF2XERO_(SERVICE_(HOST|PORT(_.*)?)|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?|NAME|ENV_.*)$`)

// checkNames refuses variables that would be obeyed if they were spelt right: a poll interval that nobody reads is as if it
// had not been written. Of a value nothing is shown: it may be a secret.
func (r *configReader) checkNames() {
	var known []string
	files := map[string]bool{} // of keys that take no _FILE
	for _, s := range settings() {
		name := environmentName(s.key)
		known = append(known, name)
		if s.secret {
			known = append(known, name+"_FILE")
		} else {
			files[name+"_FILE"] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.env)) {
		upper := strings.ToUpper(name)
		switch {
		case !strings.HasPrefix(upper, environmentPrefix) || slices.Contains(known, name) || injected.MatchString(name):
		case slices.Contains(known, upper):
			r.problem("%s is written in capitals: %s", name, upper)
		case files[name] && !slices.Contains(known, name):
			r.problem("%s: only secrets can stand in a file of their own; set %s", name, strings.TrimSuffix(name, "_FILE"))
		default:
			r.problem("there is no setting %s%s; `sf2xero init` writes a config.yaml with all of them", name, nearestVariable(name, known))
		}
	}
}

// nearestVariable compares without the prefix that all of them have.
func nearestVariable(name string, known []string) string {
	short := make([]string, len(known))
	for i, k := range known {
		short[i] = strings.ToLower(strings.TrimPrefix(k, environmentPrefix))
	}
	hint := didYouMean(name[len(environmentPrefix):], short)
	before, word, ok := strings.Cut(hint, `"`)
	if !ok {
		return ""
	}
	return before + environmentPrefix + strings.ToUpper(strings.ReplaceAll(word, `"`, ""))
}
