//go:build race

package sync_test

// The race detector makes everything some ten times slower: loops over many small worlds then try a part of them.
const stride = 17
