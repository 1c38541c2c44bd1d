"""servicepytan's export_all. The records are written here as JSON lines, because it writes no files."""

import json
import logging
import os
import sys

import servicepytan
from measured import measured

url, tenant, folder = sys.argv[1:4]
logging.disable(logging.ERROR)


def read():
    conn = servicepytan.auth.servicepytan_connect(
        app_key="bench", tenant_id=tenant, client_id="bench", client_secret="bench"
    )
    conn["auth_root"] = conn["api_root"] = url
    records = servicepytan.Endpoint("jpm", "export", conn).export_all("jobs")
    with open(os.path.join(folder, "jobs.jsonl"), "w", encoding="utf-8") as output:
        for record in records:
            output.write(json.dumps(record, separators=(",", ":")))
            output.write("\n")
    return len(records), {}


if __name__ == "__main__":
    measured(read)
