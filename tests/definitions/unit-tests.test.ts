import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileProject } from '../../engine/compile.ts';
import { sourceTables } from '../../engine/googlesql/catalog.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { runUnitTest } from '../../engine/unit-tests.ts';
import { openMemory } from '../engine/engines.ts';

const projectDir = process.cwd();
const graph = await compileProject(projectDir, {});
let engine: GoogleSql;
let connection: DuckDBConnection;

beforeAll(async () => {
  engine = await startGoogleSql();
  connection = await openMemory();
});
afterAll(() => {
  engine.close();
  connection.closeSync();
});

describe('unit tests of the Dataform project', () => {
  test.each(graph.tests)('Dataform unit test $name passes', async (unitTest) => {
    const engines = { engine, connection, projectDir, tables: sourceTables() };
    const { actual, expected } = await runUnitTest(unitTest, engines);
    expect(actual).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  });
});

test('each KPI and each job rule has a Dataform unit test', () => {
  const files = graph.tests.map(({ name }) => name);
  expect(files).toEqual(
    expect.arrayContaining(['test_leads', 'test_booked', 'test_opportunities', 'test_job_start']),
  );
  expect(files.length).toBeGreaterThanOrEqual(18);
});
