"""Measures a tool and prints the result as one JSON line, with the fields of Sample in bench/measure.ts."""

import json
import resource
import sys
import time


def measured(work):
    """Runs `work`, which returns the number of rows it wrote and further fields. Imports are not measured."""
    before = cpu_seconds()
    started = time.perf_counter()
    rows, extra = work()
    seconds = time.perf_counter() - started
    peak = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    sample = {
        "rows": rows,
        "seconds": seconds,
        "cpuSeconds": cpu_seconds() - before,
        "peakRssBytes": peak * 1024,
        **extra,
    }
    print(f"\n{json.dumps(sample)}", file=sys.__stderr__, flush=True)


def cpu_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
