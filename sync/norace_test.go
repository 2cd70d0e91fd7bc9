//go:build !race

package sync_test

const stride = 1
