// Package prefetch asks the processor for memory that will be read soon. Go has no such instruction, so this is assembly; where
// there is none the functions do nothing. Nothing waits for the memory, and any address will do.
package prefetch

import "unsafe"

// Works reports whether the functions do anything: what their callers would prepare is spared otherwise.
const Works = true

// All begins to read the memory at all of the addresses into the nearest cache. More than some dozen of them wait for each other.
//
//go:noescape
func All(addresses []uintptr)

// Kilobyte begins to read the 1,024 bytes at an offset from base into the nearest cache.
//
//go:noescape
func Kilobyte(base unsafe.Pointer, offset uintptr)
