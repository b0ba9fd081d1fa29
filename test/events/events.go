// Package events generates the event table that benchmarks and load tests run on: one day of page events in arrival
// order, the same rows for the same seed. The shape is that of an ad and clickstream table: skewed countries, campaigns
// and users, long URLs, prices with two decimals.
package events

import (
	"math"
	"math/rand/v2"
	"strconv"
)

// Cardinalities of the columns.
const (
	Countries = 200
	Devices   = 12
	Campaigns = 5000
	URLs      = 100_000
	Users     = 2_000_000
	Statuses  = 7

	// StartMillis is the first millisecond of the day: 2026-01-01 UTC.
	StartMillis = 1767225600000
	dayMillis   = 86_400_000
	jitter      = 2000 // arrival order is within two seconds of event order
)

// Row is one event.
type Row struct {
	TS       int64 // milliseconds UTC
	Country  string
	Device   string
	Campaign string
	UserID   int64
	URL      string
	Status   string
	Price    float64 // two decimals
	Quantity int32
	Lat, Lon float64
}

// Generator makes rows in order. Not safe for concurrent use.
type Generator struct {
	rng       *rand.Rand
	total     int64
	next      int64
	countries []string
	devices   []string
	campaigns []string
	urls      []string
	statuses  []string
	country   *zipf
	campaign  *zipf
	url       *zipf
}

// New makes a generator of total rows spread over the day.
func New(seed uint64, total int64) *Generator {
	g := &Generator{rng: rand.New(rand.NewPCG(seed, 0x5eed)), total: total}
	words := []string{"home", "search", "product", "cart", "checkout", "offer", "pizza", "menu", "drinks", "account", "help", "track", "review",
		"store", "summer", "family", "veggie", "spicy", "classic", "deluxe"}
	for i := range Countries {
		g.countries = append(g.countries, string([]byte{byte('a' + i/26%26), byte('a' + i%26)})+strconv.Itoa(i/676))
	}
	for i := range Devices {
		g.devices = append(g.devices, "device-"+strconv.Itoa(i))
	}
	for i := range Campaigns {
		g.campaigns = append(g.campaigns, "campaign-"+words[i%len(words)]+"-"+strconv.Itoa(i))
	}
	for i := range Statuses {
		g.statuses = append(g.statuses, []string{"ok", "created", "redirect", "denied", "missing", "error", "timeout"}[i])
	}
	for i := range URLs {
		w := func() string { return words[g.rng.IntN(len(words))] }
		g.urls = append(g.urls, "https://www.example.com/"+w()+"/"+w()+"/"+w()+"-"+strconv.Itoa(i)+"?ref="+w()+"-"+strconv.Itoa(g.rng.IntN(1000)))
	}
	g.country, g.campaign, g.url = newZipf(Countries, 1.0), newZipf(Campaigns, 0.9), newZipf(URLs, 0.8)
	return g
}

// Next fills row; false at the end.
func (g *Generator) Next(row *Row) bool {
	if g.next >= g.total {
		return false
	}
	r := g.rng
	row.TS = StartMillis + int64(float64(g.next)/float64(g.total)*(dayMillis-jitter)) + r.Int64N(jitter)
	row.Country = g.countries[g.country.draw(r)]
	row.Device = g.devices[min(r.IntN(Devices), r.IntN(Devices))]
	row.Campaign = g.campaigns[g.campaign.draw(r)]
	u := r.Float64()
	row.UserID = 1_000_000 + int64(u*u*u*Users)
	row.URL = g.urls[g.url.draw(r)]
	row.Status = g.statuses[min(r.IntN(Statuses), r.IntN(Statuses), r.IntN(Statuses))]
	row.Price = math.Round(r.ExpFloat64()*4000+50) / 100
	row.Quantity = int32(1 + r.IntN(10))
	row.Lat = math.Round((12.8+r.Float64()*0.4)*1e6) / 1e6
	row.Lon = math.Round((77.4+r.Float64()*0.4)*1e6) / 1e6
	g.next++
	return true
}

// AppendJSON appends the row as the JSON object that the topic carries.
func (row *Row) AppendJSON(b []byte) []byte {
	b = append(b, `{"ts":`...)
	b = strconv.AppendInt(b, row.TS, 10)
	b = appendText(b, `,"country":"`, row.Country)
	b = appendText(b, `","device":"`, row.Device)
	b = appendText(b, `","campaign":"`, row.Campaign)
	b = append(b, `","userId":`...)
	b = strconv.AppendInt(b, row.UserID, 10)
	b = appendText(b, `,"url":"`, row.URL)
	b = appendText(b, `","status":"`, row.Status)
	b = append(b, `","price":`...)
	b = strconv.AppendFloat(b, row.Price, 'f', 2, 64)
	b = append(b, `,"quantity":`...)
	b = strconv.AppendInt(b, int64(row.Quantity), 10)
	b = append(b, `,"lat":`...)
	b = strconv.AppendFloat(b, row.Lat, 'f', 6, 64)
	b = append(b, `,"lon":`...)
	b = strconv.AppendFloat(b, row.Lon, 'f', 6, 64)
	return append(b, '}')
}

// AppendCSV appends the row as a line of CSV, in schema order.
func (row *Row) AppendCSV(b []byte) []byte {
	b = appendText(b, "", row.Country)
	b = appendText(b, ",", row.Device)
	b = appendText(b, ",", row.Campaign)
	b = append(b, ',')
	b = strconv.AppendInt(b, row.UserID, 10)
	b = appendText(b, ",", row.URL)
	b = appendText(b, ",", row.Status)
	b = append(b, ',')
	b = strconv.AppendFloat(b, row.Lat, 'f', 6, 64)
	b = append(b, ',')
	b = strconv.AppendFloat(b, row.Lon, 'f', 6, 64)
	b = append(b, ',')
	b = strconv.AppendFloat(b, row.Price, 'f', 2, 64)
	b = append(b, ',')
	b = strconv.AppendInt(b, int64(row.Quantity), 10)
	b = append(b, ',')
	b = strconv.AppendInt(b, row.TS, 10)
	return append(b, '\n')
}

func appendText(b []byte, before, text string) []byte { return append(append(b, before...), text...) }

// zipf draws ranks with probability proportional to 1/(rank+1)^s, by Walker's alias method.
type zipf struct {
	prob  []float64
	alias []int
}

func newZipf(n int, s float64) *zipf {
	weights, sum := make([]float64, n), 0.0
	for i := range weights {
		weights[i] = 1 / math.Pow(float64(i+1), s)
		sum += weights[i]
	}
	z := &zipf{prob: make([]float64, n), alias: make([]int, n)}
	var small, large []int
	for i := range weights {
		weights[i] *= float64(n) / sum
		if weights[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		z.prob[s], z.alias[s] = weights[s], l
		if weights[l] -= 1 - weights[s]; weights[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) {
		z.prob[i], z.alias[i] = 1, i
	}
	return z
}

func (z *zipf) draw(r *rand.Rand) int {
	i := r.IntN(len(z.prob))
	if r.Float64() < z.prob[i] {
		return i
	}
	return z.alias[i]
}

// Schema and Table are the configs of the event table; Table has one %s for the broker list.
const (
	Schema = `{"schemaName": "events",
 "dimensionFieldSpecs": [{"name": "country", "dataType": "STRING"}, {"name": "device", "dataType": "STRING"}, {"name": "campaign", "dataType": "STRING"},
  {"name": "userId", "dataType": "LONG"}, {"name": "url", "dataType": "STRING"}, {"name": "status", "dataType": "STRING"},
  {"name": "lat", "dataType": "DOUBLE"}, {"name": "lon", "dataType": "DOUBLE"}],
 "metricFieldSpecs": [{"name": "price", "dataType": "DOUBLE"}, {"name": "quantity", "dataType": "INT"}],
 "dateTimeFieldSpecs": [{"name": "ts", "dataType": "TIMESTAMP", "format": "TIMESTAMP", "granularity": "1:MILLISECONDS"}]}`
	Table = `{"tableName": "events", "tableType": "REALTIME", "segmentsConfig": {"timeColumnName": "ts", "replication": "1"}, "tenants": {},
 "tableIndexConfig": {"streamConfigs": {"streamType": "kafka", "stream.kafka.topic.name": "events", "stream.kafka.broker.list": "%s",
  "stream.kafka.decoder.class.name": "org.apache.pinot.plugin.stream.kafka.KafkaJSONMessageDecoder",
  "stream.kafka.consumer.prop.auto.offset.reset": "smallest"}}, "metadata": {}}`
)
