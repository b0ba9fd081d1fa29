package json

import "strings"

// maxDots bounds the dots of a field's name: each doubles the ways in which the name may be nested.
const maxDots = 8

// node is an object of the records, or a value that a field wants, or both.
type node struct {
	slots    []int // fields that take this value
	children map[string]*node
	// order is the keys of the last object seen here, each with its node (nil: not wanted): the next is expected alike.
	order []expected
}

type expected struct {
	key  string
	node *node
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
	if strings.Count(name, delimiter) > maxDots {
		return
	}
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

// find gives the node of key, guessing that it is the at-th key of the last object.
func (n *node) find(at int, key []byte) *node {
	if at < len(n.order) && n.order[at].key == string(key) {
		return n.order[at].node
	}
	child := n.children[string(key)]
	if at < len(n.order) {
		n.order[at] = expected{key: string(key), node: child}
	} else if at == len(n.order) && at < maxOrder {
		n.order = append(n.order, expected{key: string(key), node: child})
	}
	return child
}

// maxOrder bounds the remembered keys of an object.
const maxOrder = 1024
