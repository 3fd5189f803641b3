"""The jobs of the benches by DuckDB, tab-separated to standard output.

usage: by_duckdb.py select|group FILE THREADS | by_duckdb.py tape FILE THREADS PARTNERS | by_duckdb.py gacc-all|gacc-select /dev/stdin THREADS
       | by_duckdb.py gdelt FILE THREADS | by_duckdb.py asof LEFT THREADS RIGHT | by_duckdb.py merge 'FILES*' THREADS

select: two codes and one flow, six columns. group: sums of mass, exact. tape: the tape's own columns, one line a figure; all but the line
number in `ref`. gacc-*: month, code, partner, mass and value, numbers without commas. gdelt: seven columns of the events in Myanmar.
asof: what lode-asof --join does over two tapes; files of unknown length make DuckDB choose a join in nested loops, which did not end within ten
minutes for ten million lines, so that is forbidden; `known` is read as a timestamp, which it joins faster than text; empty partners are
equal, as in lode-asof. merge: all tapes, by `known`.
"""
import sys

import duckdb

job, path, threads = sys.argv[1:4]
source = f"""read_csv('{path}', header=true, all_varchar=true, delim=',', quote='"', escape='"')"""

SELECT = f"""
SELECT period, reporterCode, partnerCode, cmdCode, netWgt, primaryValue
FROM {source}
WHERE (starts_with(cmdCode, '2846') OR starts_with(cmdCode, '2805')) AND flowCode = 'M' AND partnerCode <> '0'"""

GROUP = f"""
SELECT period, partnerCode, cmdCode, sum(mass) FROM (SELECT period, partnerCode, cmdCode, netWgt::DECIMAL(18, 3) AS mass FROM {source})
WHERE mass > 0 GROUP BY ALL"""

# the trailing comma of each line makes an eleventh column
GACC = f"""
SELECT m, c, p, replace(q, ',', ''), replace(v, ',', '')
FROM read_csv('{path}', header=false, skip=1, auto_detect=false, delim=',', quote='"', escape='"', columns={{'m': 'VARCHAR', 'c': 'VARCHAR',
    'n': 'VARCHAR', 'p': 'VARCHAR', 'pn': 'VARCHAR', 'q': 'VARCHAR', 'u': 'VARCHAR', 'q2': 'VARCHAR', 'u2': 'VARCHAR', 'v': 'VARCHAR', 'x': 'VARCHAR'}})
{"WHERE starts_with(c, '2846') OR starts_with(c, '2805')" if job == "gacc-select" else ""}"""

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

COLUMNS = ", ".join(f"'c{i:02}': 'VARCHAR'" for i in range(1, 62))
GDELT = f"""
SELECT c60, c02, c55, c27, c01, c61, c32
FROM read_csv('{path}', header=false, auto_detect=false, delim='\t', quote='', escape='', columns={{{COLUMNS}}})
WHERE c54 = 'BM'"""

NAMES = "known period area partner commodity indicator value unit status source ref".split()


def read_tape(files, known):
    columns = ", ".join(f"'{name}': '{known if name == 'known' else 'VARCHAR'}'" for name in NAMES)
    return f"read_csv('{files}', header=true, auto_detect=false, delim='\t', quote='', escape='', nullstr='(none)', columns={{{columns}}})"


def asof(left, right):
    return f"""SELECT l.*, r.value AS right_value, r.unit AS right_unit, r.known AS right_known, r.ref AS right_ref
    FROM {read_tape(left, "TIMESTAMP")} l ASOF LEFT JOIN {read_tape(right, "TIMESTAMP")} r
    ON l.area = r.area AND l.partner = r.partner AND l.commodity = r.commodity AND l.known >= r.known"""


connection = duckdb.connect()
connection.execute(f"SET threads = {int(threads)}")
connection.execute("SET preserve_insertion_order = false")
if job == "tape":
    connection.execute(
        f"""CREATE TABLE partners AS SELECT code, iso FROM read_csv('{sys.argv[4]}', header=true, all_varchar=true, delim='\t', quote='')
        WHERE source_list = 'comtrade'"""
    )
query = {"select": SELECT, "group": GROUP, "tape": TAPE, "gdelt": GDELT}.get(job, GACC)
if job == "asof":
    connection.execute("SET asof_loop_join_threshold = 0")
    query = asof(path, sys.argv[4])
elif job == "merge":
    connection.execute("SET preserve_insertion_order = true")
    query = f"SELECT * FROM {read_tape(path, 'VARCHAR')} ORDER BY known"
header = "true" if job in ("tape", "asof", "merge") else "false"
connection.execute(f"COPY ({query}) TO '/dev/stdout' (FORMAT csv, DELIMITER '\t', HEADER {header}, QUOTE '')")
