// Package httpapi serves Pinot's query API of brokers: POST and GET /query/sql and /query, GET /queries and
// DELETE /query/{id}. A response is built in memory before the first byte is sent, since its header tells the error code
// and statistics follow the rows; its size is bounded.
package httpapi
