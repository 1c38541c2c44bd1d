"""dlt's REST source to JSONL files, with the settings of dlt's documentation on performance."""

import os
import sys
import time

url, tenant, folder = sys.argv[1:4]
os.environ.update(
    {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        # With files of this size, normalize and load can work on several files at the same time.
        "SOURCES__DATA_WRITER__FILE_MAX_ITEMS": "20000",
        "SOURCES__DATA_WRITER__BUFFER_MAX_ITEMS": "10000",
        "NORMALIZE__DATA_WRITER__BUFFER_MAX_ITEMS": "10000",
        "NORMALIZE__WORKERS": str(os.cpu_count() or 1),
    }
)

import dlt  # noqa: E402
from dlt.destinations import filesystem  # noqa: E402
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator  # noqa: E402
from dlt.sources.rest_api import rest_api_source  # noqa: E402
from measured import measured  # noqa: E402


class ExportPaginator(JSONResponseCursorPaginator):
    """Stops when `hasMore` is false, because the service sends a token with the last page too."""

    def __init__(self):
        super().__init__(cursor_path="continueFrom", cursor_param="from")

    def update_state(self, response, data=None):
        super().update_state(response, data)
        if b'"hasMore":true' not in response.content[:64]:
            self._next_reference = None


def read():
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{url}/jpm/v2/tenant/{tenant}/",
                "headers": {"Authorization": "Bearer bench", "ST-App-Key": "bench"},
            },
            "resources": [
                {
                    "name": "jobs",
                    "write_disposition": "append",
                    # Otherwise each list in a record becomes a separate table.
                    "max_table_nesting": 0,
                    "endpoint": {
                        "path": "export/jobs",
                        "data_selector": "data",
                        "paginator": ExportPaginator(),
                    },
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=os.path.join(folder, "pipelines"),
        destination=filesystem(bucket_url=os.path.join(folder, "out")),
        dataset_name="raw",
    )
    started = time.perf_counter()
    pipeline.extract(source, loader_file_format="jsonl")
    extract_seconds = time.perf_counter() - started
    pipeline.normalize()
    rows = pipeline.last_trace.last_normalize_info.row_counts["jobs"]
    pipeline.load()
    return rows, {"extractSeconds": extract_seconds}


if __name__ == "__main__":
    measured(read)
