//go:build !goexperiment.simd || !amd64 || race

package mutable

import "unsafe"

const wide = false

func wideEqual(unsafe.Pointer, unsafe.Pointer, int) bool { return false }
func wideWords(unsafe.Pointer, int) (low, high uint64)   { return 0, 0 }
func endWide()                                           {}
