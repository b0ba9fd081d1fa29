//go:build !linux

package stalls

import (
	"errors"
	"time"
)

// processors is of no use where threads cannot be pinned.
func processors() ([]int, error) { return []int{0}, nil }

func pin(int) error { return errors.New("stalls of the machine are watched on Linux only") }

func rest() { time.Sleep(nap) }
