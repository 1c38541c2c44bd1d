"""An Airbyte source with a declarative manifest. Messages are written as JSON lines, as its command does."""

import json
import os
import sys

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
from measured import measured

url, tenant, folder = sys.argv[1:4]

MANIFEST = {
    "version": "7.0.0",
    "type": "DeclarativeSource",
    "check": {"type": "CheckStream", "stream_names": ["jobs"]},
    # Only one worker can read a feed; more workers do not slow it down.
    "concurrency_level": {"type": "ConcurrencyLevel", "default_concurrency": 4},
    "spec": {
        "type": "Spec",
        "connection_specification": {"type": "object", "properties": {}, "additionalProperties": True},
    },
    "streams": [
        {
            "type": "DeclarativeStream",
            "name": "jobs",
            "primary_key": "id",
            "schema_loader": {
                "type": "InlineSchemaLoader",
                "schema": {"type": "object", "properties": {}, "additionalProperties": True},
            },
            "retriever": {
                "type": "SimpleRetriever",
                "requester": {
                    "type": "HttpRequester",
                    "url_base": url,
                    "path": f"/jpm/v2/tenant/{tenant}/export/jobs",
                    "http_method": "GET",
                    "request_headers": {"Authorization": "Bearer bench", "ST-App-Key": "bench"},
                },
                "record_selector": {
                    "type": "RecordSelector",
                    "extractor": {"type": "DpathExtractor", "field_path": ["data"]},
                },
                "paginator": {
                    "type": "DefaultPaginator",
                    "page_token_option": {
                        "type": "RequestOption",
                        "inject_into": "request_parameter",
                        "field_name": "from",
                    },
                    "pagination_strategy": {
                        "type": "CursorPagination",
                        "cursor_value": "{{ response.continueFrom }}",
                        "stop_condition": "{{ not response.hasMore }}",
                    },
                },
            },
        }
    ],
}

CATALOG = {
    "streams": [
        {
            "stream": {"name": "jobs", "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "append",
        }
    ]
}


def written(name, value):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)
    return path


def read():
    arguments = ["read", "--config", written("config.json", {}), "--catalog", written("catalog.json", CATALOG)]
    source = ConcurrentDeclarativeSource(
        catalog=ConcurrentDeclarativeSource.read_catalog(arguments[4]),
        config={},
        state=[],
        source_config=MANIFEST,
    )
    entrypoint = AirbyteEntrypoint(source)
    rows = 0
    with open(os.path.join(folder, "jobs.jsonl"), "w", encoding="utf-8") as output:
        for message in entrypoint.run(AirbyteEntrypoint.parse_args(arguments)):
            output.write(message)
            output.write("\n")
            rows += '"type":"RECORD"' in message
    return rows, {}


if __name__ == "__main__":
    measured(read)
