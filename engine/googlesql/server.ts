import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { PipelineError } from '../../base/errors.ts';
import type { Catalog } from './catalog.ts';
import { endWithParent } from './child-server.ts';
import { freePort } from './free-port.ts';
import { NEWER_FUNCTIONS } from './newer-functions.ts';
import { SqlError } from './sql-error.ts';
import { plainTree, type TreeNode } from './tree.ts';

/** Google's own SQL engine, run as a child process on loopback. It analyses queries and can evaluate small ones. */
export interface GoogleSql {
  /** @throws SqlError with the engine's message and the line and column of the query text. */
  analyze(sql: string, catalog: Catalog): Promise<TreeNode>;
  /** Evaluates a query with the reference engine, over the contents of the catalog's tables. */
  evaluate(sql: string, catalog: Catalog): Promise<Evaluation>;
  close(): void;
}

interface Evaluation {
  readonly columns: readonly { readonly name: string; readonly type: unknown }[];
  /** Protocol values; a cell without a field is NULL. */
  readonly rows: readonly (readonly unknown[])[];
  /** Can be passed unchanged as a table's content in a later call. */
  readonly content: unknown;
}

const PACKAGE = '@fivetrandevelopers/zetasql';
const BINARIES: Readonly<Record<string, string>> = {
  'linux x64': 'remote_server.so',
  'linux arm64': 'remote_server_arm.so',
  'darwin x64': 'remote_server',
  'darwin arm64': 'remote_server_arm',
};
const MESSAGE_LIMIT = 1 << 30;
const START_TIMEOUT_MS = 20_000;

type Call = (request: unknown, done: (error: ServiceError | null, answer: Answer) => void) => void;
type Client = Record<'GetLanguageOptions' | 'Analyze' | 'EvaluateQuery' | 'close', Call> & {
  waitForReady(deadline: Date, done: (error?: Error) => void): void;
};
type Answer = Record<string, unknown>;

/** Starts the engine, in about 0.4 s. Its process ends when it is closed, or with this process. */
export async function startGoogleSql(): Promise<GoogleSql> {
  const folder = packageFolder();
  const port = await freePort();
  const args = endWithParent(binary(folder), ['localhost', String(port)]);
  const server = spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'ignore'] });
  const client = connect(folder, port);
  try {
    await ready(client, server);
    return await session(client, server);
  } catch (error) {
    server.stdin?.end();
    throw error;
  }
}

async function session(client: Client, server: ChildProcess): Promise<GoogleSql> {
  const languageOptions = languageOf(await call(client, 'GetLanguageOptions', { maximumFeatures: true }));
  const options = {
    languageOptions,
    defaultTimezone: 'UTC',
    pruneUnusedColumns: true,
    parseLocationRecordType: 'PARSE_LOCATION_RECORD_FULL_NODE_SCOPE',
    errorMessageMode: 'ERROR_MESSAGE_ONE_LINE',
    enabledRewrites: [
      'REWRITE_PIVOT',
      'REWRITE_UNPIVOT',
      'REWRITE_WITH_EXPR',
      'REWRITE_LIKE_ANY_ALL',
      'REWRITE_SET_OPERATION_CORRESPONDING',
    ],
  };
  const simpleCatalog = (catalog: Catalog) => ({
    name: 'catalog',
    builtinFunctionOptions: { languageOptions },
    customFunction: NEWER_FUNCTIONS,
    table: catalog.tables.map(({ name, columns }) => ({ name, serializationId: 0, column: columns })),
  });
  return {
    async analyze(sql, catalog) {
      const request = { simpleCatalog: simpleCatalog(catalog), sqlStatement: sql, options };
      const answer = await call(client, 'Analyze', request);
      return plainTree(answer.resolvedStatement);
    },
    async evaluate(sql, catalog) {
      const request = {
        simpleCatalog: simpleCatalog(catalog),
        tableContent: Object.fromEntries(
          catalog.tables.map(({ name, content }) => [name, content ?? { tableData: {} }]),
        ),
        sql,
        options,
      };
      const { content, prepared } = (await call(
        client,
        'EvaluateQuery',
        request,
      )) as unknown as EvaluateAnswer;
      return {
        columns: prepared?.columns ?? [],
        rows: (content?.tableData?.row ?? []).map(({ cell }) => cell ?? []),
        content,
      };
    },
    close() {
      (client as unknown as { close(): void }).close();
      server.stdin?.end();
    },
  };
}

interface EvaluateAnswer {
  readonly content?: {
    readonly tableData?: { readonly row?: readonly { readonly cell?: readonly unknown[] }[] };
  };
  readonly prepared?: { readonly columns?: Evaluation['columns'] };
}

/** BigQuery's language: all features of the engine except those that BigQuery lacks or writes differently. */
function languageOf(answer: Answer): Answer {
  const unwanted = new Set([
    'FEATURE_TIMESTAMP_NANOS',
    'FEATURE_ANNOTATION_FRAMEWORK',
    'FEATURE_V_1_3_ANNOTATION_FRAMEWORK',
    'FEATURE_COLLATION_SUPPORT',
    'FEATURE_V_1_3_COLLATION_SUPPORT',
    'FEATURE_SPANNER_LEGACY_DDL',
    'FEATURE_DISABLE_OUTER_JOIN_ARRAY',
  ]);
  const enabled = answer.enabledLanguageFeatures as readonly string[];
  return {
    ...answer,
    productMode: 'PRODUCT_EXTERNAL',
    supportedStatementKinds: [],
    enabledLanguageFeatures: [
      ...enabled.filter((feature) => !unwanted.has(feature)),
      'FEATURE_INTERVAL_TYPE',
      'FEATURE_V_1_4_GROUPING_SETS',
      'FEATURE_V_1_4_GROUPING_BUILTIN',
    ],
  };
}

function call(
  client: Client,
  method: 'GetLanguageOptions' | 'Analyze' | 'EvaluateQuery',
  request: unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    client[method](request, (error, answer) =>
      error ? reject(SqlError.fromStatus(error)) : resolve(answer),
    );
  });
}

function connect(folder: string, port: number): Client {
  const definition = loadSync('local_service.proto', {
    includeDirs: [join(folder, 'protos'), join(folder, 'protos', 'zetasql', 'local_service')],
    longs: String,
    enums: String,
    oneofs: true,
    defaults: false,
  });
  const loaded = loadPackageDefinition(definition) as unknown as {
    zetasql: { local_service: { ZetaSqlLocalService: new (...args: unknown[]) => Client } };
  };
  return new loaded.zetasql.local_service.ZetaSqlLocalService(
    `localhost:${port}`,
    credentials.createInsecure(),
    {
      'grpc.max_receive_message_length': MESSAGE_LIMIT,
      'grpc.max_send_message_length': MESSAGE_LIMIT,
    },
  );
}

function ready(client: Client, server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown) =>
      reject(
        new PipelineError("GoogleSQL's server did not start, so the models cannot run on DuckDB", {
          remedy: 'GoogleSQL needs Linux with glibc 2.29 or newer, or macOS; see docs/sql-on-duckdb.md.',
          cause,
        }),
      );
    server.once('error', failed);
    server.once('exit', (code) => failed(new Error(`the server exited with code ${code}`)));
    client.waitForReady(new Date(Date.now() + START_TIMEOUT_MS), (error) =>
      error ? failed(error) : resolve(),
    );
  });
}

function packageFolder(): string {
  try {
    const main = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
    return join(dirname(main), 'lib', 'zetasql');
  } catch (cause) {
    throw new PipelineError(
      `The optional package ${PACKAGE} is not installed, so DuckDB cannot run the models`,
      {
        remedy: 'Run `npm ci` without --omit=optional, or run the models on BigQuery.',
        cause,
      },
    );
  }
}

function binary(folder: string): string {
  const file = BINARIES[`${process.platform} ${process.arch}`];
  if (file) return join(folder, file);
  throw new PipelineError(
    `GoogleSQL is not available for ${process.platform} ${process.arch}, so the models cannot run on DuckDB`,
    {
      remedy: 'Run the models on Linux or macOS, or on BigQuery.',
    },
  );
}
