"""What lode-comtrade does over a large file, by DuckDB on one thread, to standard output.

usage: by_duckdb.py columns FILE | by_duckdb.py tape FILE PARTNERS

columns: the columns that the tape is made from, as they are, one line a row.
tape: the tape's own columns, one line a figure; all but the line number in `ref`.
"""
import sys

import duckdb

job, path = sys.argv[1:3]
source = f"""read_csv('{path}', header=true, all_varchar=true, delim=',', quote='"', escape='"')"""

COLUMNS = f"""
SELECT period, reporterCode, flowCode, partnerCode, classificationCode, cmdCode, qtyUnitCode, qty, isQtyEstimated, netWgt,
    isNetWgtEstimated, primaryValue
FROM {source}"""

TAPE = f"""
SELECT '2025-01-01T23:59:59Z' AS known, left(period, 4) || '-' || right(period, 2) AS period, r.iso AS area, p.iso AS partner,
    'hs' || CASE classificationCode WHEN 'H5' THEN '17' WHEN 'H6' THEN '22' ELSE '' END || ':' || cmdCode AS commodity,
    CASE flowCode WHEN 'M' THEN 'import' WHEN 'X' THEN 'export' WHEN 'RX' THEN 'reexport' ELSE 'reimport' END || f.what AS indicator,
    f.value, f.unit, f.status, 'comtrade' AS source, '{path}:' AS ref
FROM (SELECT *, unnest([
        {{'what': '.mass', 'value': netWgt, 'unit': 'kg', 'status': CASE WHEN isNetWgtEstimated = 'True' THEN 'E' ELSE 'A' END}},
        {{'what': '.quantity', 'value': CASE WHEN qtyUnitCode IN ('8', '-1') THEN NULL ELSE qty END, 'unit': qtyUnitAbbr,
            'status': CASE WHEN isQtyEstimated = 'True' THEN 'E' ELSE 'A' END}},
        {{'what': '.value', 'value': primaryValue, 'unit': 'USD', 'status': 'A'}}]) AS f
    FROM {source}
    WHERE partnerCode <> '0' AND partner2Code = '0' AND customsCode = 'C00' AND motCode = '0' AND mosCode = '0')
JOIN partners r ON r.code = reporterCode JOIN partners p ON p.code = partnerCode
WHERE f.value IS NOT NULL AND f.value <> '0.0'"""

connection = duckdb.connect()
connection.execute("SET threads = 1")
if job == "tape":
    connection.execute(
        f"""CREATE TABLE partners AS SELECT code, iso FROM read_csv('{sys.argv[3]}', header=true, all_varchar=true, delim='\t', quote='')
        WHERE source_list = 'comtrade'"""
    )
query = TAPE if job == "tape" else COLUMNS
connection.execute(f"COPY ({query}) TO '/dev/stdout' (FORMAT csv, DELIMITER '\t', HEADER true, QUOTE '')")
