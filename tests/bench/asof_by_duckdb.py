"""What lode-asof --join does over two large tapes, by DuckDB, to standard output.

usage: asof_by_duckdb.py THREADS LEFT RIGHT

Files of unknown length make DuckDB choose a join in nested loops, which did not end within ten minutes for ten million lines; the first SET
forbids that. `known` is read as a timestamp, which it joins faster than text. Empty partners are equal, as in lode-asof.
"""
import sys

import duckdb

threads, left, right = sys.argv[1:4]
NAMES = "known period area partner commodity indicator value unit status source ref".split()


def tape(path):
    columns = ", ".join(f"'{name}': '{'TIMESTAMP' if name == 'known' else 'VARCHAR'}'" for name in NAMES)
    return f"read_csv('{path}', header=true, auto_detect=false, delim='\t', quote='', escape='', nullstr='(none)', columns={{{columns}}})"


connection = duckdb.connect()
connection.execute("SET asof_loop_join_threshold = 0")
connection.execute(f"SET threads = {threads}")
connection.execute(
    f"""COPY (SELECT l.*, r.value AS right_value, r.unit AS right_unit, r.known AS right_known, r.ref AS right_ref
    FROM {tape(left)} l ASOF LEFT JOIN {tape(right)} r
    ON l.area = r.area AND l.partner = r.partner AND l.commodity = r.commodity AND l.known >= r.known)
    TO '/dev/stdout' (FORMAT csv, DELIMITER '\t', HEADER true, QUOTE '')"""
)
