import { createRequire } from 'node:module';

/**
 * DuckDB's client. `require` and not `import`: Node reads each of the package's 180 CommonJS files a second time to
 * find the names that it would import from them, which takes longer than to run them.
 */
export const { DuckDBInstance, DuckDBListType, DuckDBStructType } = createRequire(import.meta.url)(
  '@duckdb/node-api',
) as typeof import('@duckdb/node-api');
