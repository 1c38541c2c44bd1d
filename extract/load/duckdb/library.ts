import { createRequire } from 'node:module';

/**
 * DuckDB's client, loaded with `require` because `import` is slower.
 *
 * For an `import`, Node reads each of the package's 180 CommonJS files a second time to find their exported names.
 */
export const { DuckDBInstance, DuckDBListType, DuckDBStructType } = createRequire(import.meta.url)(
  '@duckdb/node-api',
) as typeof import('@duckdb/node-api');
