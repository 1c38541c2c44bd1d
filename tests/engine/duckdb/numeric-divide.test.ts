import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SETUP } from '../../../engine/duckdb/sql/macros.ts';

const NANO = 1_000_000_000n;

/** A NUMERIC as text, of a given number of billionths. */
const numeric = (units: bigint) => {
  const digits = (units < 0n ? -units : units).toString().padStart(10, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
};

/** The quotient in billionths, rounded half away from zero. */
function quotient(a: bigint, b: bigint): bigint {
  const [above, below] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const rounded = (2n * above * NANO + below) / (2n * below);
  return a < 0n === b < 0n ? rounded : -rounded;
}

test('a quotient of NUMERICs of any size is exact and rounded half away from zero (property test)', async () => {
  // From 999999999 on a NUMERIC is turned into an integer in another way.
  const edges = [0n, 1n, NANO / 2n, NANO, 999_999_999n * NANO - 1n, 999_999_999n * NANO, NANO * NANO];
  const size = fc.oneof(
    fc.constantFrom(...edges),
    ...[6n, 12n, 18n, 22n].map((digits) => fc.bigInt(0n, 10n ** digits)),
  );
  const units = fc.tuple(size, fc.boolean()).map(([above, isNegative]) => (isNegative ? -above : above));
  const pairs = fc
    .sample(fc.tuple(units, units), { numRuns: 4000, seed: 1 })
    .filter(([, below]) => below !== 0n);
  expect(pairs.length).toBeGreaterThan(3000);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const statement of SETUP) await connection.run(statement);
  const rows = pairs.map(([a, b]) => `('${numeric(a)}'::DECIMAL(38, 9), '${numeric(b)}'::DECIMAL(38, 9))`);
  const reader = await connection.runAndReadAll(
    `SELECT CAST(googlesql.numeric_divide(a, b) AS VARCHAR) FROM (VALUES ${rows.join()}) AS pairs(a, b)`,
  );
  expect(reader.getRowsJson().map(([text]) => text)).toEqual(pairs.map(([a, b]) => numeric(quotient(a, b))));
  connection.closeSync();
});
