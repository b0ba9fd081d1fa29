// Package jsonindex is the structure of JSON documents, as the decoder of records notes it while it checks them. The
// functions on JSON that ingestion computes read it instead of the text, which they would have to check and to walk once
// each.
//
// A document is a list of nodes in the order of its text: a container before its children, and in an object each key
// before its value. The text is valid JSON without white space between tokens.
package jsonindex

// Node is a value or a key. From and To bound its text in the document, quotes and brackets included; Next is the
// position in the document's nodes of what follows it and everything within it.
type Node struct{ From, To, Next uint32 }

// Index holds the documents of a column, some of which may be missing. It is read-only for all but its maker.
type Index struct {
	Nodes []Node
	Roots []int32 // per row the place of its document in Nodes, below 0 for none
}

// Document gives the nodes of a row's document, the root first, with whatever lies behind them; nil if there is none.
func (x *Index) Document(row int) []Node {
	if row >= len(x.Roots) || x.Roots[row] < 0 {
		return nil
	}
	return x.Nodes[x.Roots[row]:]
}
