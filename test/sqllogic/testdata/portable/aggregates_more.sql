# Statistics, ordered sets, DISTINCT and ORDER BY within aggregates.
portable

query RRR rowsort
SELECT var_pop(quantity), var_pop(price), var_pop(id) FROM orders
----
5.449375|270.84345084002916|133.25

query TRR rowsort
SELECT country, var_pop(latency) FILTER (WHERE NOT bot), var_pop(amount) FROM events GROUP BY country
----
BR|339075.18984222645|83351.13337981842
DE|325491.16745003447|82032.48640414125
FR|325209.4494436329|84906.367886047
GR|300427.5849403122|75825.89832344805
IN|344565.5849378537|82641.3821579776
JP|329696.1881334591|83977.5469086062
NO|342460.04749566707|81930.26017284876
NULL|316783.88572046463|84968.12985328218
PL|352661.7610363883|80818.97541615414
PT|318388.3157611619|78233.99094287012
SE|340568.99563804665|82119.27438129665
TR|337446.84727293847|82666.991530636
US|341692.2709173952|83758.60843613686

query R rowsort
SELECT var_pop(quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT var_pop(quantity) FROM orders WHERE id = 1
----
0

query RRR rowsort
SELECT var_samp(quantity), var_samp(price), var_samp(id) FROM orders
----
5.589102564102564|278.36688003002996|136.66666666666666

query TRR rowsort
SELECT country, var_samp(latency) FILTER (WHERE NOT bot), var_samp(amount) FROM events GROUP BY country
----
BR|339296.2297313022|83396.31014587794
DE|325632.56239679817|82062.51293650002
FR|325370.20547400543|84941.52580235591
GR|303493.17254174396|76491.03778242567
IN|344832.07030903536|82694.8025730765
JP|329894.08500508784|84020.0241705731
NO|343177.9930879012|82071.03381575744
NULL|317450.7991640867|85116.4162928167
PL|353068.0533878127|80896.01924400557
PT|319505.4677462888|78468.2244486871
SE|341059.02296989993|82215.77176599852
TR|337761.33641298785|82730.3864627914
US|341871.7311437173|83795.00939590919

query R rowsort
SELECT var_samp(quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT var_samp(quantity) FROM orders WHERE id = 1
----
NULL

query RRR rowsort
SELECT variance(quantity), variance(price), variance(id) FROM orders
----
5.589102564102564|278.36688003002996|136.66666666666666

query TRR rowsort
SELECT country, variance(latency) FILTER (WHERE NOT bot), variance(amount) FROM events GROUP BY country
----
BR|339296.2297313022|83396.31014587794
DE|325632.56239679817|82062.51293650002
FR|325370.20547400543|84941.52580235591
GR|303493.17254174396|76491.03778242567
IN|344832.07030903536|82694.8025730765
JP|329894.08500508784|84020.0241705731
NO|343177.9930879012|82071.03381575744
NULL|317450.7991640867|85116.4162928167
PL|353068.0533878127|80896.01924400557
PT|319505.4677462888|78468.2244486871
SE|341059.02296989993|82215.77176599852
TR|337761.33641298785|82730.3864627914
US|341871.7311437173|83795.00939590919

query R rowsort
SELECT variance(quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT variance(quantity) FROM orders WHERE id = 1
----
NULL

query RRR rowsort
SELECT stddev_pop(quantity), stddev_pop(price), stddev_pop(id) FROM orders
----
2.3343896418550183|16.45732210415866|11.543396380615196

query TRR rowsort
SELECT country, stddev_pop(latency) FILTER (WHERE NOT bot), stddev_pop(amount) FROM events GROUP BY country
----
BR|582.301631323686|288.7059635335204
DE|570.518332264647|286.41313937063234
FR|570.271382276573|291.38697274594654
GR|548.112748383316|275.36502741533474
IN|586.997091081254|287.47414172056864
JP|574.191769475546|289.78879707229225
NO|585.20086081248|286.234624343123
NULL|562.83557609702|291.4929327673009
PL|593.853316094461|284.28678375217186
PT|564.259085670016|279.7033981611059
SE|583.582895258289|286.56460769134884
TR|580.901753546104|287.51868031596837
US|584.544498663186|289.41079529992805

query R rowsort
SELECT stddev_pop(quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT stddev_pop(quantity) FROM orders WHERE id = 1
----
0

query RRR rowsort
SELECT stddev_samp(quantity), stddev_samp(price), stddev_samp(id) FROM orders
----
2.364128288418918|16.68433037403749|11.690451944500122

query TRR rowsort
SELECT country, stddev_samp(latency) FILTER (WHERE NOT bot), stddev_samp(amount) FROM events GROUP BY country
----
BR|582.491398847487|288.7841930332717
DE|570.642236779576|286.46555279212896
FR|570.412311818395|291.447295067832
GR|550.902144252266|276.5701317612328
IN|587.224037577682|287.56704013686357
JP|574.364070085419|289.86207784146774
NO|585.813957744181|286.480424838692
NULL|563.427723105712|291.747178722977
PL|594.195299028705|284.42225518409344
PT|565.248147052504|280.12180287990276
SE|584.002588153426|286.73292759290575
TR|581.172380979162|287.62890408092056
US|584.697982845603|289.47367651637893

query R rowsort
SELECT stddev_samp(quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT stddev_samp(quantity) FROM orders WHERE id = 1
----
NULL

query RRR rowsort
SELECT stddev(quantity), stddev(price), stddev(id) FROM orders
----
2.364128288418918|16.68433037403749|11.690451944500122

query TRR rowsort
SELECT country, stddev(latency) FILTER (WHERE NOT bot), stddev(amount) FROM events GROUP BY country
----
BR|582.491398847487|288.7841930332717
DE|570.642236779576|286.46555279212896
FR|570.412311818395|291.447295067832
GR|550.902144252266|276.5701317612328
IN|587.224037577682|287.56704013686357
JP|574.364070085419|289.86207784146774
NO|585.813957744181|286.480424838692
NULL|563.427723105712|291.747178722977
PL|594.195299028705|284.42225518409344
PT|565.248147052504|280.12180287990276
SE|584.002588153426|286.73292759290575
TR|581.172380979162|287.62890408092056
US|584.697982845603|289.47367651637893

query R rowsort
SELECT stddev(quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT stddev(quantity) FROM orders WHERE id = 1
----
NULL

query RR rowsort
SELECT covar_pop(price, quantity), covar_pop(quantity, id) FROM orders
----
-3.172746530314097|-3.6875

query TR rowsort
SELECT device, covar_pop(amount, latency) FROM events GROUP BY device
----
desktop|-2335.9176828810796
phone|-526.0958426410899
tablet|-1140.724226086114
tv|-884.3891209896783

query R rowsort
SELECT covar_pop(price, quantity) FROM orders WHERE id = 1
----
0

query R rowsort
SELECT covar_pop(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT covar_pop(quantity, 3) FROM orders
----
0

query RR rowsort
SELECT covar_samp(price, quantity), covar_samp(quantity, id) FROM orders
----
-3.2608783783783775|-3.782051282051282

query TR rowsort
SELECT device, covar_samp(amount, latency) FROM events GROUP BY device
----
desktop|-2336.465891677813
phone|-526.2224601724114
tablet|-1140.9954396443845
tv|-884.6035703400637

query R rowsort
SELECT covar_samp(price, quantity) FROM orders WHERE id = 1
----
NULL

query R rowsort
SELECT covar_samp(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT covar_samp(quantity, 3) FROM orders
----
0

query RR rowsort
SELECT corr(price, quantity), corr(quantity, id) FROM orders
----
-0.08242083761277362|-0.1368437833246669

query TR rowsort
SELECT device, corr(amount, latency) FROM events GROUP BY device
----
desktop|-0.01420032624801712
phone|-0.003163919645290854
tablet|-0.006768850105330191
tv|-0.005289839814765394

query R rowsort
SELECT corr(price, quantity) FROM orders WHERE id = 1
----
NULL

query R rowsort
SELECT corr(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT corr(quantity, 3) FROM orders
----
NULL

query RR rowsort
SELECT regr_slope(price, quantity), regr_slope(quantity, id) FROM orders
----
-0.5799052069425901|-0.027673545966228893

query TR rowsort
SELECT device, regr_slope(amount, latency) FROM events GROUP BY device
----
desktop|-0.007088735390166347
phone|-0.0015615177003535942
tablet|-0.0033619582451511476
tv|-0.0026470855547590763

query R rowsort
SELECT regr_slope(price, quantity) FROM orders WHERE id = 1
----
NULL

query R rowsort
SELECT regr_slope(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT regr_slope(quantity, 3) FROM orders
----
NULL

query RR rowsort
SELECT regr_intercept(price, quantity), regr_intercept(quantity, id) FROM orders
----
33.705803738317755|5.042307692307692

query TR rowsort
SELECT device, regr_intercept(amount, latency) FROM events GROUP BY device
----
desktop|498.42368931159837
phone|490.7705815271873
tablet|500.85404271081785
tv|492.06725657783244

query R rowsort
SELECT regr_intercept(price, quantity) FROM orders WHERE id = 1
----
NULL

query R rowsort
SELECT regr_intercept(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT regr_intercept(quantity, 3) FROM orders
----
NULL

query RR rowsort
SELECT regr_r2(price, quantity), regr_r2(quantity, id) FROM orders
----
0.006793194472791199|0.018726221034608376

query TR rowsort
SELECT device, regr_r2(amount, latency) FROM events GROUP BY device
----
desktop|0.00020164926555012394
phone|1.0010387521857406e-05
tablet|4.5817331748428525e-05
tv|2.7982405265877186e-05

query R rowsort
SELECT regr_r2(price, quantity) FROM orders WHERE id = 1
----
NULL

query R rowsort
SELECT regr_r2(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT regr_r2(quantity, 3) FROM orders
----
NULL

query RR rowsort
SELECT regr_avgx(price, quantity), regr_avgx(quantity, id) FROM orders
----
4.351351351351352|20.5

query TR rowsort
SELECT device, regr_avgx(amount, latency) FROM events GROUP BY device
----
desktop|996.1755044580009
phone|1002.553176130895
tablet|987.1511766104112
tv|1006.931393939394

query R rowsort
SELECT regr_avgx(price, quantity) FROM orders WHERE id = 1
----
1

query R rowsort
SELECT regr_avgx(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT regr_avgx(quantity, 3) FROM orders
----
3

query RR rowsort
SELECT regr_avgy(price, quantity), regr_avgy(quantity, id) FROM orders
----
31.18243243243243|4.475

query TR rowsort
SELECT device, regr_avgy(amount, latency) FROM events GROUP BY device
----
desktop|491.3620647583302
phone|489.20507699711317
tablet|497.5352816734018
tv|489.40182303030207

query R rowsort
SELECT regr_avgy(price, quantity) FROM orders WHERE id = 1
----
11.04

query R rowsort
SELECT regr_avgy(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT regr_avgy(quantity, 3) FROM orders
----
4.475

query RR rowsort
SELECT regr_sxx(price, quantity), regr_sxx(quantity, id) FROM orders
----
202.43243243243242|5330

query TR rowsort
SELECT device, regr_sxx(amount, latency) FROM events GROUP BY device
----
desktop|1.4044368447226715e+09
phone|1.4002110392480745e+09
tablet|1.4274498578516777e+09
tv|1.3781591295844815e+09

query R rowsort
SELECT regr_sxx(price, quantity) FROM orders WHERE id = 1
----
0

query R rowsort
SELECT regr_sxx(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT regr_sxx(quantity, 3) FROM orders
----
0

query RR rowsort
SELECT regr_syy(price, quantity), regr_syy(quantity, id) FROM orders
----
10021.20768108108|217.97500000000002

query TR rowsort
SELECT device, regr_syy(amount, latency) FROM events GROUP BY device
----
desktop|3.499798980722298e+08
phone|3.410644310610748e+08
tablet|3.5214027459984034e+08
tv|3.451042283336907e+08

query R rowsort
SELECT regr_syy(price, quantity) FROM orders WHERE id = 1
----
0

query R rowsort
SELECT regr_syy(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT regr_syy(quantity, 3) FROM orders
----
217.97500000000002

query RR rowsort
SELECT regr_sxy(price, quantity), regr_sxy(quantity, id) FROM orders
----
-117.3916216216216|-147.5

query TR rowsort
SELECT device, regr_sxy(amount, latency) FROM events GROUP BY device
----
desktop|-9.95568116443916e+06
phone|-2.1864543220163696e+06
tablet|-4.799026819144282e+06
tv|-3.648105124082423e+06

query R rowsort
SELECT regr_sxy(price, quantity) FROM orders WHERE id = 1
----
0

query R rowsort
SELECT regr_sxy(price, quantity) FROM orders WHERE id < 0
----
NULL

query R rowsort
SELECT regr_sxy(quantity, 3) FROM orders
----
0

query II rowsort
SELECT regr_count(price, quantity), regr_count(quantity, price) FILTER (WHERE paid) FROM orders
----
37|11

query TI rowsort
SELECT device, regr_count(amount, latency) FROM events GROUP BY device
----
desktop|4262
phone|4156
tablet|4207
tv|4125

query RR rowsort
SELECT percentile_cont(0) WITHIN GROUP (ORDER BY quantity), percentile_cont(0) WITHIN GROUP (ORDER BY price) FROM orders
----
1|5.16

query IR rowsort
SELECT percentile_disc(0) WITHIN GROUP (ORDER BY quantity), percentile_disc(0) WITHIN GROUP (ORDER BY price) FROM orders
----
1|5.16

query TIR rowsort
SELECT country, percentile_disc(0) WITHIN GROUP (ORDER BY latency), percentile_cont(0) WITHIN GROUP (ORDER BY latency) FROM events GROUP BY country
----
BR|0|0
DE|3|3
FR|0|0
GR|37|37
IN|1|1
JP|1|1
NO|5|5
NULL|1|1
PL|1|1
PT|5|5
SE|1|1
TR|7|7
US|0|0

query RR rowsort
SELECT percentile_cont(0.1) WITHIN GROUP (ORDER BY quantity), percentile_cont(0.1) WITHIN GROUP (ORDER BY price) FROM orders
----
1|10.863999999999999

query IR rowsort
SELECT percentile_disc(0.1) WITHIN GROUP (ORDER BY quantity), percentile_disc(0.1) WITHIN GROUP (ORDER BY price) FROM orders
----
1|10.6

query TIR rowsort
SELECT country, percentile_disc(0.1) WITHIN GROUP (ORDER BY latency), percentile_cont(0.1) WITHIN GROUP (ORDER BY latency) FROM events GROUP BY country
----
BR|169|169
DE|213|213
FR|204|204
GR|276|288.6
IN|183|183
JP|197|198
NO|186|186
NULL|258|258.2
PL|151|151.10000000000002
PT|206|212
SE|232|233.80000000000007
TR|203|203
US|204|204

query RR rowsort
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY quantity), percentile_cont(0.25) WITHIN GROUP (ORDER BY price) FROM orders
----
2|16.23

query IR rowsort
SELECT percentile_disc(0.25) WITHIN GROUP (ORDER BY quantity), percentile_disc(0.25) WITHIN GROUP (ORDER BY price) FROM orders
----
2|16.23

query TIR rowsort
SELECT country, percentile_disc(0.25) WITHIN GROUP (ORDER BY latency), percentile_cont(0.25) WITHIN GROUP (ORDER BY latency) FROM events GROUP BY country
----
BR|474|474
DE|522|522
FR|488|489.5
GR|549|553.75
IN|467|468.5
JP|517|517.25
NO|488|489
NULL|554|558.5
PL|461|462.5
PT|497|497.5
SE|512|512.75
TR|515|518
US|492|492

query RR rowsort
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY quantity), percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM orders
----
4|27.09

query IR rowsort
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY quantity), percentile_disc(0.5) WITHIN GROUP (ORDER BY price) FROM orders
----
4|27.09

query TIR rowsort
SELECT country, percentile_disc(0.5) WITHIN GROUP (ORDER BY latency), percentile_cont(0.5) WITHIN GROUP (ORDER BY latency) FROM events GROUP BY country
----
BR|949|949
DE|998|998
FR|970|970
GR|1019|1024
IN|979|979
JP|999|999
NO|995|995
NULL|1081|1086.5
PL|1006|1006
PT|1014|1014
SE|1012|1013
TR|1012|1015
US|1011|1011

query RR rowsort
SELECT percentile_cont(0.75) WITHIN GROUP (ORDER BY quantity), percentile_cont(0.75) WITHIN GROUP (ORDER BY price) FROM orders
----
6.25|45.34

query IR rowsort
SELECT percentile_disc(0.75) WITHIN GROUP (ORDER BY quantity), percentile_disc(0.75) WITHIN GROUP (ORDER BY price) FROM orders
----
6|45.34

query TIR rowsort
SELECT country, percentile_disc(0.75) WITHIN GROUP (ORDER BY latency), percentile_cont(0.75) WITHIN GROUP (ORDER BY latency) FROM events GROUP BY country
----
BR|1480|1480
DE|1503|1503
FR|1484|1484
GR|1512|1506.25
IN|1501|1501
JP|1494|1493.75
NO|1510|1504
NULL|1550|1553
PL|1503|1503
PT|1480|1478
SE|1516|1517
TR|1526|1526.25
US|1521|1521

query RR rowsort
SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY quantity), percentile_cont(0.9) WITHIN GROUP (ORDER BY price) FROM orders
----
8|54.194

query IR rowsort
SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY quantity), percentile_disc(0.9) WITHIN GROUP (ORDER BY price) FROM orders
----
8|54.23

query TIR rowsort
SELECT country, percentile_disc(0.9) WITHIN GROUP (ORDER BY latency), percentile_cont(0.9) WITHIN GROUP (ORDER BY latency) FROM events GROUP BY country
----
BR|1782|1782
DE|1795|1794.6000000000004
FR|1765|1765
GR|1845|1845.8000000000002
IN|1803|1803
JP|1803|1801.5
NO|1795|1795
NULL|1833|1833
PL|1811|1810.9
PT|1805|1802.0000000000002
SE|1831|1831
TR|1811|1809.6
US|1821|1820.8

query RR rowsort
SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY quantity), percentile_cont(0.99) WITHIN GROUP (ORDER BY price) FROM orders
----
8|59.531200000000005

query IR rowsort
SELECT percentile_disc(0.99) WITHIN GROUP (ORDER BY quantity), percentile_disc(0.99) WITHIN GROUP (ORDER BY price) FROM orders
----
8|59.92

query TIR rowsort
SELECT country, percentile_disc(0.99) WITHIN GROUP (ORDER BY latency), percentile_cont(0.99) WITHIN GROUP (ORDER BY latency) FROM events GROUP BY country
----
BR|1978|1976.4
DE|1976|1975.38
FR|1977|1976.3999999999996
GR|1932|1931.73
IN|1982|1982
JP|1978|1977.75
NO|1979|1976.8999999999999
NULL|1985|1983.98
PL|1983|1982.69
PT|1968|1967.74
SE|1986|1985.31
TR|1979|1979
US|1979|1979

query RR rowsort
SELECT percentile_cont(1) WITHIN GROUP (ORDER BY quantity), percentile_cont(1) WITHIN GROUP (ORDER BY price) FROM orders
----
8|59.92

query IR rowsort
SELECT percentile_disc(1) WITHIN GROUP (ORDER BY quantity), percentile_disc(1) WITHIN GROUP (ORDER BY price) FROM orders
----
8|59.92

query TIR rowsort
SELECT country, percentile_disc(1) WITHIN GROUP (ORDER BY latency), percentile_cont(1) WITHIN GROUP (ORDER BY latency) FROM events GROUP BY country
----
BR|1997|1997
DE|1999|1999
FR|1999|1999
GR|1960|1960
IN|1999|1999
JP|1999|1999
NO|1990|1990
NULL|1992|1992
PL|1998|1998
PT|1999|1999
SE|1998|1998
TR|1999|1999
US|1999|1999

query R rowsort
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FILTER (WHERE paid) FROM orders
----
42.5

query R rowsort
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM orders WHERE id < 0
----
NULL

statement error 22003
SELECT percentile_cont(1.5) WITHIN GROUP (ORDER BY price) FROM orders

query TT rowsort
SELECT mode() WITHIN GROUP (ORDER BY status), mode() WITHIN GROUP (ORDER BY city) FROM orders
----
baked|Bonn

query TT rowsort
SELECT country, mode() WITHIN GROUP (ORDER BY device) FROM events GROUP BY country
----
BR|phone
DE|desktop
FR|phone
GR|tv
IN|tablet
JP|tablet
NO|phone
NULL|desktop
PL|phone
PT|desktop
SE|desktop
TR|tablet
US|tablet

query III rowsort
SELECT bit_and(quantity), bit_and(id), bit_and(DISTINCT quantity) FROM orders
----
0|0|0

query TII rowsort
SELECT device, bit_and(latency), bit_and(bytes) FROM events GROUP BY device
----
desktop|0|0
phone|0|0
tablet|0|0
tv|0|0

query I rowsort
SELECT bit_and(quantity) FROM orders WHERE id < 0
----
NULL

query III rowsort
SELECT bit_or(quantity), bit_or(id), bit_or(DISTINCT quantity) FROM orders
----
15|63|15

query TII rowsort
SELECT device, bit_or(latency), bit_or(bytes) FROM events GROUP BY device
----
desktop|2047|1099511627775
phone|2047|1099511627775
tablet|2047|1099511627775
tv|2047|1099511627775

query I rowsort
SELECT bit_or(quantity) FROM orders WHERE id < 0
----
NULL

query III rowsort
SELECT bit_xor(quantity), bit_xor(id), bit_xor(DISTINCT quantity) FROM orders
----
1|40|8

query TII rowsort
SELECT device, bit_xor(latency), bit_xor(bytes) FROM events GROUP BY device
----
desktop|461|326560247777
phone|1108|820021971284
tablet|1862|721757020136
tv|1035|302456081946

query I rowsort
SELECT bit_xor(quantity) FROM orders WHERE id < 0
----
NULL

query BBB rowsort
SELECT bool_and(paid), bool_and(quantity > 3), bool_and(price > 0) FILTER (WHERE paid) FROM orders
----
f|f|t

query TB rowsort
SELECT status, bool_and(paid) FROM orders GROUP BY status
----
baked|f
cancelled|f
created|f
delivered|f
paid|f

query B rowsort
SELECT bool_and(paid) FROM orders WHERE id < 0
----
NULL

query BBB rowsort
SELECT bool_or(paid), bool_or(quantity > 3), bool_or(price > 0) FILTER (WHERE paid) FROM orders
----
t|t|t

query TB rowsort
SELECT status, bool_or(paid) FROM orders GROUP BY status
----
baked|t
cancelled|t
created|f
delivered|f
paid|t

query B rowsort
SELECT bool_or(paid) FROM orders WHERE id < 0
----
NULL

query BBB rowsort
SELECT every(paid), every(quantity > 3), every(price > 0) FILTER (WHERE paid) FROM orders
----
f|f|t

query TB rowsort
SELECT status, every(paid) FROM orders GROUP BY status
----
baked|f
cancelled|f
created|f
delivered|f
paid|f

query B rowsort
SELECT every(paid) FROM orders WHERE id < 0
----
NULL

query T rowsort
SELECT string_agg(status, ',' ORDER BY id) FROM orders
----
cancelled,paid,created,delivered,baked,baked,baked,paid,delivered,created,cancelled,paid,baked,created,paid,paid,baked,baked,baked,delivered,baked,baked,cancelled,baked,cancelled,cancelled,created,baked,delivered,cancelled,paid,delivered,baked,cancelled,paid,baked,paid,baked,created,created

query T rowsort
SELECT string_agg(status, ', ' ORDER BY id DESC) FROM orders WHERE id < 6
----
baked, delivered, created, paid, cancelled

query T rowsort
SELECT string_agg(city, '|' ORDER BY price DESC, id) FROM orders WHERE id < 12
----
Berlin\|Berlin\|Köln\|Bonn\|Aachen

query TT rowsort
SELECT status, string_agg(city, ';' ORDER BY city NULLS FIRST, id) FROM orders GROUP BY status
----
baked|Aachen;Aachen;Berlin;Bonn;Bonn;Bonn;Bonn;Köln;Köln;Köln
cancelled|Bonn;Bonn;Bonn;Köln;Köln
created|Aachen;Berlin;Berlin;Berlin;Bonn
delivered|Bonn;Köln;Köln
paid|Aachen;Berlin;Berlin;Bonn;Köln;Köln

query T rowsort
SELECT string_agg(DISTINCT status, ',' ORDER BY status) FROM orders
----
baked,cancelled,created,delivered,paid

query T rowsort
SELECT string_agg(DISTINCT status, ',' ORDER BY status DESC) FROM orders
----
paid,delivered,created,cancelled,baked

query T rowsort
SELECT string_agg(DISTINCT status, '') FROM orders
----
bakedcancelledcreateddeliveredpaid

query T rowsort
SELECT string_agg(note, '/' ORDER BY quantity, id) FILTER (WHERE paid) FROM orders
----
ÄÖÜ ß/tab\there//no onions, please//ÄÖÜ ß/50% off/tab\there//a_b/ÄÖÜ ß

query T rowsort
SELECT string_agg(status, ',') FROM orders WHERE id < 0
----
NULL

query T rowsort
SELECT string_agg(upper(status), '+' ORDER BY length(status), id) FROM orders WHERE id < 9
----
PAID+PAID+BAKED+BAKED+BAKED+CREATED+CANCELLED+DELIVERED

query TT rowsort
SELECT status, string_agg(CAST(id AS TEXT), ',' ORDER BY id) FROM orders GROUP BY status
----
baked|5,6,7,13,17,18,19,21,22,24,28,33,36,38
cancelled|1,11,23,25,26,30,34
created|3,10,14,27,39,40
delivered|4,9,20,29,32
paid|2,8,12,15,16,31,35,37

statement error 42P10
SELECT string_agg(DISTINCT status, ',' ORDER BY id) FROM orders

statement error 42P10
SELECT array_agg(DISTINCT id ORDER BY quantity) FROM orders

statement error 42803
SELECT string_agg(status, ',' ORDER BY count(*)) FROM orders

statement error 42809
SELECT upper(status ORDER BY id) FROM orders

query i rowsort
SELECT array_agg(id ORDER BY id) FROM orders WHERE id < 10
----
{1,2,3,4,5,6,7,8,9}

query i rowsort
SELECT array_agg(id ORDER BY id DESC) FROM orders WHERE id < 10
----
{9,8,7,6,5,4,3,2,1}

query i rowsort
SELECT array_agg(id ORDER BY status, id) FROM orders
----
{5,6,7,13,17,18,19,21,22,24,28,33,36,38,1,11,23,25,26,30,34,3,10,14,27,39,40,4,9,20,29,32,2,8,12,15,16,31,35,37}

query Ti rowsort
SELECT status, array_agg(id ORDER BY price DESC, id) FROM orders GROUP BY status
----
baked|{22,33,13,24,18,7,28,36,17,19,5,6,38,21}
cancelled|{11,25,26,23,34,30,1}
created|{27,40,39,14,10,3}
delivered|{9,29,32,4,20}
paid|{16,37,35,2,31,15,12,8}

query i rowsort
SELECT array_agg(DISTINCT quantity ORDER BY quantity) FROM orders WHERE quantity IS NOT NULL
----
{1,2,3,4,5,6,7,8}

query t rowsort
SELECT array_agg(DISTINCT status) FROM orders WHERE status IS NOT NULL
----
{baked,cancelled,created,delivered,paid}

query r rowsort
SELECT array_agg(price ORDER BY price) FROM orders WHERE id < 6 AND price IS NOT NULL
----
{11.04,11.98,17.51,22.11,24.35}

query i rowsort
SELECT array_agg(id) FROM orders WHERE id < 0
----
NULL

query Bt rowsort
SELECT paid, array_agg(status ORDER BY id) FROM orders WHERE id < 20 AND status IS NOT NULL GROUP BY paid
----
NULL|{cancelled,created,baked,baked,created,cancelled,baked}
f|{delivered,paid,delivered,created}
t|{paid,baked,paid,baked,paid,paid,baked,baked}

query II rowsort
SELECT count(DISTINCT quantity), count(DISTINCT price) FROM orders
----
8|37

query TI rowsort
SELECT status, count(DISTINCT quantity) FILTER (WHERE id > 5) FROM orders GROUP BY status
----
baked|6
cancelled|6
created|4
delivered|3
paid|6

query IR rowsort
SELECT sum(DISTINCT quantity), sum(DISTINCT price) FROM orders
----
36|1153.7500000000002

query TI rowsort
SELECT status, sum(DISTINCT quantity) FILTER (WHERE id > 5) FROM orders GROUP BY status
----
baked|28
cancelled|24
created|19
delivered|11
paid|33

query RR rowsort
SELECT avg(DISTINCT quantity), avg(DISTINCT price) FROM orders
----
4.5|31.18243243243244

query TR rowsort
SELECT status, avg(DISTINCT quantity) FILTER (WHERE id > 5) FROM orders GROUP BY status
----
baked|4.666666666666667
cancelled|4
created|4.75
delivered|3.6666666666666665
paid|5.5

query IR rowsort
SELECT min(DISTINCT quantity), min(DISTINCT price) FROM orders
----
1|5.16

query TI rowsort
SELECT status, min(DISTINCT quantity) FILTER (WHERE id > 5) FROM orders GROUP BY status
----
baked|1
cancelled|1
created|2
delivered|2
paid|3

query IR rowsort
SELECT max(DISTINCT quantity), max(DISTINCT price) FROM orders
----
8|59.92

query TI rowsort
SELECT status, max(DISTINCT quantity) FILTER (WHERE id > 5) FROM orders GROUP BY status
----
baked|8
cancelled|8
created|8
delivered|6
paid|8

query RR rowsort
SELECT var_pop(DISTINCT quantity), var_pop(DISTINCT latency) FROM orders, (SELECT latency FROM events WHERE id < 20) e
----
5.25|343179.63988919667

query TR rowsort
SELECT device, var_pop(DISTINCT latency) FROM events GROUP BY device
----
desktop|332073.9858869463
phone|331947.71538870636
tablet|338950.1819016135
tv|328460.7488717634

query RR rowsort
SELECT stddev_samp(DISTINCT quantity), stddev_samp(DISTINCT latency) FROM orders, (SELECT latency FROM events WHERE id < 20) e
----
2.449489742783178|601.868071456359

query TR rowsort
SELECT device, stddev_samp(DISTINCT latency) FROM events GROUP BY device
----
desktop|576.419016268213
phone|576.312508941726
tablet|582.358164903061
tv|573.277561451372

query II rowsort
SELECT sum(quantity ORDER BY id), count(status ORDER BY id) FROM orders
----
179|40

query TRR rowsort
SELECT device, avg(amount), sum(amount) FROM events GROUP BY device
----
desktop|492.92237841439146|2.219629470000005e+06
phone|490.8803420752565|2.1525103e+06
tablet|499.45137042062424|2.2085739600000004e+06
tv|489.0411717125022|2.116081149999997e+06

query BIRIII rowsort
SELECT bot, sum(latency), avg(latency), min(latency), max(latency), count(latency) FROM events GROUP BY bot
----
NULL|1702809|1025.1709813365442|0|1999|1661
f|14610601|993.5129198966408|0|1999|14706
t|734636|1011.8953168044077|2|1999|726

query RRI rowsort
SELECT percentile_cont(0) WITHIN GROUP (ORDER BY price DESC), percentile_disc(0) WITHIN GROUP (ORDER BY price DESC), percentile_disc(0) WITHIN GROUP (ORDER BY quantity DESC) FROM orders
----
59.92|59.92|8

query TTT rowsort
SELECT status, percentile_disc(0) WITHIN GROUP (ORDER BY city), percentile_disc(0) WITHIN GROUP (ORDER BY city DESC) FROM orders GROUP BY status
----
baked|Aachen|Köln
cancelled|Bonn|Köln
created|Aachen|Bonn
delivered|Bonn|Köln
paid|Aachen|Köln

query ND rowsort
SELECT percentile_disc(0) WITHIN GROUP (ORDER BY discount), percentile_disc(0) WITHIN GROUP (ORDER BY ts) FROM orders
----
0|2026-01-01 22:41:42.125

query RRI rowsort
SELECT percentile_cont(0.3) WITHIN GROUP (ORDER BY price DESC), percentile_disc(0.3) WITHIN GROUP (ORDER BY price DESC), percentile_disc(0.3) WITHIN GROUP (ORDER BY quantity DESC) FROM orders
----
41.956|41.82|6

query TTT rowsort
SELECT status, percentile_disc(0.3) WITHIN GROUP (ORDER BY city), percentile_disc(0.3) WITHIN GROUP (ORDER BY city DESC) FROM orders GROUP BY status
----
baked|Berlin|Köln
cancelled|Bonn|Köln
created|Berlin|Berlin
delivered|Bonn|Köln
paid|Berlin|Köln

query ND rowsort
SELECT percentile_disc(0.3) WITHIN GROUP (ORDER BY discount), percentile_disc(0.3) WITHIN GROUP (ORDER BY ts) FROM orders
----
0.1|2026-01-07 13:02:42

query RRI rowsort
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price DESC), percentile_disc(0.5) WITHIN GROUP (ORDER BY price DESC), percentile_disc(0.5) WITHIN GROUP (ORDER BY quantity DESC) FROM orders
----
27.09|27.09|4

query TTT rowsort
SELECT status, percentile_disc(0.5) WITHIN GROUP (ORDER BY city), percentile_disc(0.5) WITHIN GROUP (ORDER BY city DESC) FROM orders GROUP BY status
----
baked|Bonn|Bonn
cancelled|Bonn|Bonn
created|Berlin|Berlin
delivered|Köln|Köln
paid|Berlin|Bonn

query ND rowsort
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY discount), percentile_disc(0.5) WITHIN GROUP (ORDER BY ts) FROM orders
----
0.1|2026-01-11 02:11:09.5

query RRI rowsort
SELECT percentile_cont(1) WITHIN GROUP (ORDER BY price DESC), percentile_disc(1) WITHIN GROUP (ORDER BY price DESC), percentile_disc(1) WITHIN GROUP (ORDER BY quantity DESC) FROM orders
----
5.16|5.16|1

query TTT rowsort
SELECT status, percentile_disc(1) WITHIN GROUP (ORDER BY city), percentile_disc(1) WITHIN GROUP (ORDER BY city DESC) FROM orders GROUP BY status
----
baked|Köln|Aachen
cancelled|Köln|Bonn
created|Bonn|Aachen
delivered|Köln|Bonn
paid|Köln|Aachen

query ND rowsort
SELECT percentile_disc(1) WITHIN GROUP (ORDER BY discount), percentile_disc(1) WITHIN GROUP (ORDER BY ts) FROM orders
----
12.34567890123456789|2026-01-28 13:07:25.999

query TT rowsort
SELECT mode() WITHIN GROUP (ORDER BY status DESC), mode() WITHIN GROUP (ORDER BY city DESC) FROM orders
----
baked|Bonn

query TT rowsort
SELECT mode() WITHIN GROUP (ORDER BY note DESC), mode() WITHIN GROUP (ORDER BY note) FROM orders WHERE id < 4
----
50% off|50% off
