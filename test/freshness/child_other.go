//go:build !linux

package main

import "syscall"

// childAttributes has nothing to add where the system cannot tie a child to its parent.
func childAttributes() *syscall.SysProcAttr { return nil }
