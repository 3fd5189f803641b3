"""The jobs of the benches by Polars, tab-separated to standard output without a header; threads by POLARS_MAX_THREADS.

usage: by_polars.py select|group FILE | by_polars.py gacc-all|gacc-select /dev/stdin | by_polars.py asof LEFT RIGHT | by_polars.py merge FILES...
"""
import functools
import sys

import polars as pl

job, path = sys.argv[1:3]


def read_tape(file):
    return pl.scan_csv(file, separator="\t", quote_char=None, infer_schema=False, empty_string_is_null=False)


def with_time(file):
    return read_tape(file).with_columns(pl.col("known").str.to_datetime("%Y-%m-%dT%H:%M:%SZ"))


if job == "asof":
    by = ["area", "partner", "commodity"]
    right = with_time(sys.argv[3]).select("known", *by, right_value="value", right_unit="unit", right_known="known", right_ref="ref")
    table = with_time(path).join_asof(right, on="known", by=by, check_sortedness=False)
elif job == "merge":
    table = functools.reduce(lambda a, b: a.merge_sorted(b, key="known"), [read_tape(file) for file in sys.argv[2:]])
elif job.startswith("gacc"):
    table = pl.scan_csv(sys.stdin.buffer.read(), infer_schema=False)
    names = table.collect_schema().names()
    code = pl.col(names[1])
    if job == "gacc-select":
        table = table.filter(code.str.starts_with("2846") | code.str.starts_with("2805"))
    table = table.select(names[0], code, names[3], *(pl.col(names[i]).str.replace_all(",", "", literal=True) for i in (5, 9)))
else:
    table = pl.scan_csv(path, infer_schema=False)
    code = pl.col("cmdCode")
    if job == "select":
        table = table.filter(
            (code.str.starts_with("2846") | code.str.starts_with("2805")) & (pl.col("flowCode") == "M") & (pl.col("partnerCode") != "0")
        ).select("period", "reporterCode", "partnerCode", "cmdCode", "netWgt", "primaryValue")
    else:
        table = (
            table.select("period", "partnerCode", "cmdCode", pl.col("netWgt").cast(pl.Float64))
            .filter(pl.col("netWgt") > 0)
            .group_by("period", "partnerCode", "cmdCode")
            .agg(pl.col("netWgt").sum())
        )
table.collect(engine="streaming").write_csv(sys.stdout.buffer, separator="\t", include_header=False, quote_style="never", datetime_format="%Y-%m-%dT%H:%M:%SZ")
