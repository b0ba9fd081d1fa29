# Aggregates that only Pinot has.

query I rowsort
SELECT countMV(tags) FROM orders
----
67

query TI rowsort
SELECT status, countMV(tags) FROM orders GROUP BY status
----
baked|26
cancelled|13
created|7
delivered|8
paid|13

query I rowsort
SELECT distinctCountMV(tags) FROM orders
----
5

query TI rowsort
SELECT status, distinctCountMV(tags) FROM orders GROUP BY status
----
baked|5
cancelled|5
created|3
delivered|5
paid|5

query I rowsort
SELECT distinctCountHLLMV(tags) FROM orders
----
5

query TI rowsort
SELECT status, distinctCountHLLMV(tags) FROM orders GROUP BY status
----
baked|5
cancelled|5
created|3
delivered|5
paid|5

query I rowsort
SELECT distinctCountBitmapMV(tags) FROM orders
----
5

query TI rowsort
SELECT status, distinctCountBitmapMV(tags) FROM orders GROUP BY status
----
baked|5
cancelled|5
created|3
delivered|5
paid|5

query I rowsort
SELECT distinctCountHLLPlusMV(tags) FROM orders
----
5

query TI rowsort
SELECT status, distinctCountHLLPlusMV(tags) FROM orders GROUP BY status
----
baked|5
cancelled|5
created|3
delivered|5
paid|5

query I rowsort
SELECT distinctCountULLMV(tags) FROM orders
----
5

query TI rowsort
SELECT status, distinctCountULLMV(tags) FROM orders GROUP BY status
----
baked|5
cancelled|5
created|3
delivered|5
paid|5

query I rowsort
SELECT distinctCountThetaSketchMV(tags) FROM orders
----
5

query TI rowsort
SELECT status, distinctCountThetaSketchMV(tags) FROM orders GROUP BY status
----
baked|5
cancelled|5
created|3
delivered|5
paid|5

query I rowsort
SELECT sumMV(mi) FROM types WHERE id > 5
----
519

query I rowsort
SELECT minMV(mi) FROM types WHERE id > 5
----
-7

query I rowsort
SELECT maxMV(mi) FROM types WHERE id > 5
----
200

query R rowsort
SELECT avgMV(mi) FROM types WHERE id > 5
----
32.4375

query R rowsort
SELECT minMaxRangeMV(mi) FROM types WHERE id > 5
----
207

query I rowsort
SELECT distinctSumMV(mi) FROM types WHERE id > 5
----
462

query R rowsort
SELECT distinctAvgMV(mi) FROM types WHERE id > 5
----
38.5

query R rowsort
SELECT percentileMV(mi, 50) FROM types WHERE id > 5
----
7

query II rowsort
SELECT distinctCountHLL(device), distinctCountHLL(country) FROM events
----
4|12

query BI rowsort
SELECT bot, distinctCountHLL(country) FILTER (WHERE latency > 300) FROM events GROUP BY bot
----
NULL|12
f|12
t|12

query II rowsort
SELECT distinctCountHLLPlus(device), distinctCountHLLPlus(country) FROM events
----
4|12

query BI rowsort
SELECT bot, distinctCountHLLPlus(country) FILTER (WHERE latency > 300) FROM events GROUP BY bot
----
NULL|12
f|12
t|12

query II rowsort
SELECT distinctCountULL(device), distinctCountULL(country) FROM events
----
4|12

query BI rowsort
SELECT bot, distinctCountULL(country) FILTER (WHERE latency > 300) FROM events GROUP BY bot
----
NULL|12
f|12
t|12

query II rowsort
SELECT distinctCountThetaSketch(device), distinctCountThetaSketch(country) FROM events
----
4|12

query BI rowsort
SELECT bot, distinctCountThetaSketch(country) FILTER (WHERE latency > 300) FROM events GROUP BY bot
----
NULL|12
f|12
t|12

query II rowsort
SELECT distinctCountBitmap(device), distinctCountBitmap(country) FROM events
----
4|12

query BI rowsort
SELECT bot, distinctCountBitmap(country) FILTER (WHERE latency > 300) FROM events GROUP BY bot
----
NULL|12
f|12
t|12

query II rowsort
SELECT segmentPartitionedDistinctCount(device), segmentPartitionedDistinctCount(country) FROM events
----
4|12

query BI rowsort
SELECT bot, segmentPartitionedDistinctCount(country) FILTER (WHERE latency > 300) FROM events GROUP BY bot
----
NULL|12
f|12
t|12

query II rowsort
SELECT distinctCountSmartHLL(device), distinctCountSmartHLL(country) FROM events
----
4|12

query BI rowsort
SELECT bot, distinctCountSmartHLL(country) FILTER (WHERE latency > 300) FROM events GROUP BY bot
----
NULL|12
f|12
t|12

query II rowsort
SELECT approxDistinct(device), approxDistinct(country) FROM events
----
4|12

query BI rowsort
SELECT bot, approxDistinct(country) FILTER (WHERE latency > 300) FROM events GROUP BY bot
----
NULL|12
f|12
t|12

query B rowsort
SELECT abs(distinctCountHLL(latency) - count(DISTINCT latency)) < 0.03 * count(DISTINCT latency) FROM events
----
t

query B rowsort
SELECT abs(distinctCountHLL(latency, 14) - count(DISTINCT latency)) < 0.03 * count(DISTINCT latency) FROM events
----
t

query B rowsort
SELECT abs(distinctCountHLLPlus(latency) - count(DISTINCT latency)) < 0.03 * count(DISTINCT latency) FROM events
----
t

query B rowsort
SELECT abs(distinctCountULL(latency) - count(DISTINCT latency)) < 0.03 * count(DISTINCT latency) FROM events
----
t

query B rowsort
SELECT abs(distinctCountULL(latency, 14) - count(DISTINCT latency)) < 0.03 * count(DISTINCT latency) FROM events
----
t

query B rowsort
SELECT abs(distinctCountThetaSketch(latency) - count(DISTINCT latency)) < 0.03 * count(DISTINCT latency) FROM events
----
t

query B rowsort
SELECT abs(distinctCountThetaSketch(latency, 'nominalEntries=4096') - count(DISTINCT latency)) < 0.03 * count(DISTINCT latency) FROM events
----
t

query BB rowsort
SELECT abs(percentile(latency, 90) - percentile(latency, 90)) <= 0.01 * percentile(latency, 90), abs(percentile50(latency) - percentile50(latency)) <= 0.01 * percentile50(latency) FROM events
----
t|t

query BB rowsort
SELECT abs(percentileEst(latency, 90) - percentile(latency, 90)) <= 0.01 * percentile(latency, 90), abs(percentileEst50(latency) - percentile50(latency)) <= 0.01 * percentile50(latency) FROM events
----
t|t

query BB rowsort
SELECT abs(percentileTDigest(latency, 90) - percentile(latency, 90)) <= 0.01 * percentile(latency, 90), abs(percentileTDigest50(latency) - percentile50(latency)) <= 0.01 * percentile50(latency) FROM events
----
t|t

query BB rowsort
SELECT abs(percentileKLL(latency, 90) - percentile(latency, 90)) <= 0.01 * percentile(latency, 90), abs(percentileKLL50(latency) - percentile50(latency)) <= 0.01 * percentile50(latency) FROM events
----
t|t

query BB rowsort
SELECT abs(percentileFast(latency, 90) - percentile(latency, 90)) <= 0.01 * percentile(latency, 90), abs(percentileFast50(latency) - percentile50(latency)) <= 0.01 * percentile50(latency) FROM events
----
t|t

query BB rowsort
SELECT abs(percentileSmartTDigest(latency, 90) - percentile(latency, 90)) <= 0.01 * percentile(latency, 90), abs(percentileSmartTDigest50(latency) - percentile50(latency)) <= 0.01 * percentile50(latency) FROM events
----
t|t

query RRRR rowsort
SELECT percentile(quantity, 0), percentile(quantity, 50), percentile(quantity, 100), percentile99(price) FROM orders
----
1|4|8|59.92

query RRRT rowsort
SELECT mode(quantity), mode(quantity, 'MAX'), mode(quantity, 'AVG'), mode(status) FROM orders
----
4|4|4|baked

query RRR rowsort
SELECT skewness(price), kurtosis(price), skewness(quantity) FROM orders
----
0.19267994858285944|-1.278301243114297|0.06965256713484885

query TRR rowsort
SELECT status, skewness(price), kurtosis(price) FROM orders GROUP BY status
----
baked|0.020720837754080623|-1.357276932343897
cancelled|0.015971624932217855|-0.6714920675525482
created|-0.26607013580849803|-1.1889198084277233
delivered|1.3734624132337852|2.295077770205989
paid|0.5616086049151182|-2.099491392809889

query rr rowsort
SELECT histogram(price, 0, 100, 5), histogram(price, ARRAY[0, 10, 20, 1000]) FROM orders
----
{11,12,14,0,0}|{3,8,26}

query TTR rowsort
SELECT firstWithTime(status, ts, 'STRING'), lastWithTime(status, ts, 'STRING'), lastWithTime(price, ts, 'DOUBLE') FROM orders
----
baked|created|58.84

query TTI rowsort
SELECT device, firstWithTime(url, ts, 'STRING'), lastWithTime(latency, ts, 'LONG') FROM events GROUP BY device
----
desktop|/shop/phone/213|1849
phone|/shop/phone/176|221
tablet|/shop/tablet/200|428
tv|/shop/desktop/273|74

query IIT rowsort
SELECT exprMin(id, price, id), exprMax(id, price, id), argMax(status, quantity, id) FROM orders
----
21|9|paid

query TTT rowsort
SELECT sumPrecision(price), sumPrecision(price, 5), sumPrecision(price, 20, 3) FROM orders
----
1153.75|1153.8|1153.750

query RR rowsort
SELECT minMaxRange(price), minMaxRange(quantity) FROM orders
----
54.760000000000005|7

query IRI rowsort
SELECT distinctSum(quantity), distinctAvg(quantity), distinctCount(quantity) FROM orders
----
36|4.5|8

query i rowsort
SELECT arrayAgg(id, 'LONG') FROM orders WHERE id < 0
----
NULL

query Tt rowsort
SELECT listAgg(DISTINCT status, '; '), arrayAgg(status, 'STRING', true) FROM orders
----
baked; cancelled; created; delivered; paid|{baked,cancelled,created,delivered,paid}

query BB rowsort
SELECT boolAnd(paid), boolOr(paid) FROM orders
----
f|t

query IIIITT rowsort
SELECT sumInt(quantity), sumLong(id), minLong(id), maxLong(id), minString(status), maxString(status) FROM orders
----
179|820|1|40|baked|paid

query BBBB rowsort
SELECT length(distinctCountRawHLL(device)) > 20, length(distinctCountRawThetaSketch(device)) > 20, length(percentileRawTDigest(latency, 50)) > 20, length(percentileRawEst50(latency)) > 20 FROM events
----
t|t|t|t

query II rowsort
SELECT distinctCountThetaSketch(CAST(NULL AS TEXT)), distinctCountHLL(city) FROM orders WHERE id < 0
----
0|0

statement error 0A000
SELECT distinctCountCPCSketch(id) FROM orders

statement error 0A000
SELECT distinctCountTupleSketch(id) FROM orders

statement error 0A000
SELECT funnelCount(id) FROM orders

statement error 0A000
SELECT frequentStringsSketch(status) FROM orders

statement error 0A000
SELECT idSet(id) FROM orders

statement error 0A000
SELECT sumArrayLong(id) FROM orders

statement error 0A000
SELECT stUnion(id) FROM orders

statement error 0A000
SELECT funnelMaxStep(ts, 1, 2, id) FROM orders

statement error 22P03
SELECT distinctCountHLL(x) FROM types WHERE id = 1

statement error 22P03
SELECT percentileTDigest(x, 50) FROM types WHERE id = 1

statement error 22023
SELECT percentile(price, 101) FROM orders

statement error 22023
SELECT histogram(price, 10, 0, 5) FROM orders

statement error 0A000
SELECT distinctCountThetaSketch(id, 'nominalEntries=16', 'a', 'b', 'SET_UNION($1,$2)') FROM orders

statement error 22023
SELECT mode(price, 'MEDIAN') FROM orders
