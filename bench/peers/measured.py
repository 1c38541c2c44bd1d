"""Runs a peer's work and prints what it took as one JSON line, in the words of bench/measure.ts."""

import json
import resource
import sys
import time


def measured(work):
    """`work` returns the number of rows that it wrote; importing the peer is not measured."""
    before = cpu_seconds()
    started = time.perf_counter()
    rows, more = work()
    seconds = time.perf_counter() - started
    peak = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    facts = {
        "rows": rows,
        "seconds": seconds,
        "cpuSeconds": cpu_seconds() - before,
        "peakRssBytes": peak * 1024,
        **more,
    }
    print(f"\n{json.dumps(facts)}", file=sys.__stderr__, flush=True)


def cpu_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
