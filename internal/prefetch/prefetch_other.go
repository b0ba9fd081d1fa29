//go:build !amd64

// Package prefetch asks the processor for memory that will be read soon. Here its functions do nothing.
package prefetch

import "unsafe"

// Works reports whether the functions do anything: what their callers would prepare is spared otherwise.
const Works = false

// All does nothing here.
func All([]uintptr) {}

// Kilobyte does nothing here.
func Kilobyte(unsafe.Pointer, uintptr) {}
