// Package bindtest gives tests of binding and planning a small catalog and a small function registry, whose types
// follow the dialect's rules. Only tests import it; it is immutable and safe for concurrent use.
package bindtest

import (
	"github.com/freshetdb/freshet/catalog"
)

// Tables is a fixed set of schemas by raw table name.
type Tables map[string]*catalog.Schema

// Table implements bind.Tables.
func (t Tables) Table(name string) (*catalog.Schema, bool) {
	s, ok := t[name]
	return s, ok
}

// TableNames implements bind.Tables.
func (t Tables) TableNames() []string {
	names := make([]string, 0, len(t))
	for n := range t {
		names = append(names, n)
	}
	return names
}

func field(name string, t catalog.Type) catalog.Field { return catalog.Field{Name: name, Type: t} }

// Pizza are the tables of the pizza shop: orders, order_items_enriched with dotted columns, orders_enriched,
// deliveryStatuses, and types, which has a column of every type.
func Pizza() Tables {
	orders := func(name string) *catalog.Schema {
		return catalog.NewSchema(name, []catalog.Field{
			field("id", catalog.String), field("userId", catalog.Int), field("status", catalog.String), field("items", catalog.JSON),
			field("deliveryLat", catalog.Double), field("deliveryLon", catalog.Double), field("price", catalog.Double),
			field("productsOrdered", catalog.Int), field("totalQuantity", catalog.Int), field("ts", catalog.Timestamp),
		})
	}
	return Tables{
		"orders":          orders("orders"),
		"orders_enriched": orders("orders_enriched"),
		"order_items_enriched": catalog.NewSchema("order_items_enriched", []catalog.Field{
			field("orderId", catalog.String), field("product.id", catalog.String), field("product.name", catalog.String),
			field("product.image", catalog.String), field("product.category", catalog.String), field("product.price", catalog.Double),
			field("orderItem.quantity", catalog.Int), field("ts", catalog.Timestamp),
		}),
		"deliveryStatuses": catalog.NewSchema("deliveryStatuses", []catalog.Field{
			field("id", catalog.String), field("deliveryLat", catalog.Double), field("deliveryLon", catalog.Double),
			field("location", catalog.Bytes), field("ts", catalog.Timestamp),
		}),
		"types": catalog.NewSchema("types", []catalog.Field{
			field("i", catalog.Int), field("l", catalog.Long), field("f", catalog.Float), field("d", catalog.Double),
			field("n", catalog.BigDecimal), field("b", catalog.Boolean), field("t", catalog.Timestamp), field("s", catalog.String),
			field("j", catalog.JSON), field("y", catalog.Bytes), field("tags", catalog.String.Array()), field("nums", catalog.Long.Array()),
			field("Type", catalog.String), field("Case1", catalog.Int), field("case1", catalog.Int),
		}),
	}
}
