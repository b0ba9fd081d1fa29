package json

import (
	"encoding/binary"
	"strings"
)

const (
	// maxDots bounds the dots of a field's name: each doubles the ways in which the name may be nested.
	maxDots = 8
	// maxOrder and maxExpectedKey bound the remembered keys of an object.
	maxOrder       = 1024
	maxExpectedKey = 256
)

// node is an object of the records, or a value that a field wants, or both.
type node struct {
	slots    []int // fields that take this value
	children map[string]*node
	// order is the keys of earlier objects here, each with its node (nil: not wanted): the next object is expected alike.
	order  []expected
	serial int  // of the record that had this node last
	leaf   bool // one field takes the value, and none is within it
}

// markLeaves finds the leaves of n.
func (n *node) markLeaves() {
	n.leaf = len(n.children) == 0 && len(n.slots) == 1
	for _, child := range n.children {
		child.markLeaves()
	}
}

type expected struct {
	key  []byte // within text
	node *node
	// text is the key as most records write it: quotes, and the colon at once. Of a short one the bytes are in words too.
	text         []byte
	words, masks [2]uint64
}

// set makes e expect a key.
func (e *expected) set(key []byte, n *node) {
	e.text = append(append(append(e.text[:0], '"'), key...), '"', ':')
	e.key, e.node = e.text[1:len(e.text)-2], n
	e.words, e.masks = [2]uint64{}, [2]uint64{}
	if len(e.text) > 16 {
		return
	}
	var padded, mask [16]byte
	for i, c := range e.text {
		padded[i], mask[i] = c, 0xff
	}
	for i := range e.words {
		e.words[i], e.masks[i] = binary.LittleEndian.Uint64(padded[8*i:]), binary.LittleEndian.Uint64(mask[8*i:])
	}
}

// begins tells whether b has the key at pos as it is expected, quotes and colon included.
func (e *expected) begins(b []byte, pos int) bool {
	if e.masks[0] != 0 && pos+16 <= len(b) {
		return (binary.LittleEndian.Uint64(b[pos:])^e.words[0])&e.masks[0]|(binary.LittleEndian.Uint64(b[pos+8:])^e.words[1])&e.masks[1] == 0
	}
	end := pos + len(e.text)
	return end <= len(b) && string(b[pos:end]) == string(e.text)
}

// child gives the node of a key, made if absent.
func (n *node) child(key string) *node {
	if n.children == nil {
		n.children = map[string]*node{}
	}
	c := n.children[key]
	if c == nil {
		c = &node{}
		n.children[key] = c
	}
	return c
}

// add enters a field under every nesting that flattening would give its name: a.b is the key "a.b", or b within a.
func (n *node) add(name, delimiter string, slot int) {
	leaf := n.child(name)
	leaf.slots = append(leaf.slots, slot)
	for at := 0; ; {
		i := strings.Index(name[at:], delimiter)
		if i < 0 {
			return
		}
		head, rest := name[:at+i], name[at+i+len(delimiter):]
		if head != "" && rest != "" {
			n.child(head).add(rest, delimiter, slot)
		}
		at += i + len(delimiter)
	}
}

// find gives the node of key, expecting it at position at of the order, or just behind, where a key was left out. next
// is where to expect the key after it. What was expected in vain is replaced, without allocating once buffers have grown.
func (n *node) find(at int, key []byte) (child *node, next int) {
	if at < len(n.order) && string(n.order[at].key) == string(key) {
		return n.order[at].node, at + 1
	}
	if at+1 < len(n.order) && string(n.order[at+1].key) == string(key) {
		return n.order[at+1].node, at + 2
	}
	child = n.children[string(key)]
	switch {
	case len(key) > maxExpectedKey:
		return child, at
	case at < len(n.order):
		n.order[at].set(key, child)
	case at < maxOrder:
		n.order = append(n.order, expected{})
		n.order[at].set(key, child)
	}
	return child, at + 1
}
