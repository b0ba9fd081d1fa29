//go:build !linux

package main

import "errors"

// evict is for Linux, where another process's mappings can be paged out.
func evict(int, string) (e eviction, err error) { return e, errors.New("-evict wants Linux") }
