// Package configs carries the example configurations that commands use themselves.
package configs

import "embed"

// PizzaShop holds schema and table JSON per table: pizzashop/<table>.schema.json, pizzashop/<table>.table.json.
//
//go:embed pizzashop/*.json
var PizzaShop embed.FS
