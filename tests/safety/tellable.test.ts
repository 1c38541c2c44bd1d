import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { resultJson } from '../../app/cli/summary.ts';
import { textTable } from '../../app/cli/text-table.ts';
import { describeFailure } from '../../app/pipeline/failure.ts';
import { ConfigurationError, PipelineError, safeMessage } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { readErrorAnswer } from '../../extract/api/error-answer.ts';
import { CANARIES, PERSON } from './canaries.ts';
import { sightings } from './search.ts';

const HERE = /safety\/tellable\.test\.ts:\d+/;

describe('the safe message of an error', () => {
  test('the safe message of our own error is its text', () => {
    expect(safeMessage(new PipelineError('jobs: it broke off'))).toBe('jobs: it broke off');
  });

  test('the safe message of a system error is its text with call and path', () => {
    const error = Object.assign(new Error('EACCES: permission denied, open /x'), { syscall: 'open' });
    expect(safeMessage(error)).toBe('Error: EACCES: permission denied, open /x');
  });

  test('DuckDB without memory says so, and what to do', async () => {
    const instance = await DuckDBInstance.create(':memory:', { memory_limit: '5MB', threads: '1' });
    const connection = await instance.connect();
    const all = 'SELECT list(range || repeat($$x$$, 100)) FROM range(1000000)';
    const error = await connection.run(all).catch((cause: unknown) => cause);
    const { text } = describeFailure(error, false);
    expect(text).toMatch(/^Unexpected failure\. Out of Memory Error: .*\n→ .* run the command again/);
  });

  test.each<[string, () => unknown]>([
    ['invalid JSON', () => JSON.parse(`${PERSON.name} "${PERSON.phone}"`)],
    ['an invalid number', () => BigInt(PERSON.name)],
    ['an argument of the wrong type', () => Buffer.alloc(PERSON.name as unknown as number)],
    ['a message of several lines that looks like a stack', () => thrown(`x\n    at ${PERSON.name}/a.ts:1:1`)],
  ])('an unexpected error shows its kind and place, without its text: %s', (_, work) => {
    for (const verbose of [false, true]) {
      const { text, exitCode } = describeFailure(caught(work), verbose);
      expect(text).toMatch(HERE);
      expect(exitCode).toBe(1);
      expect(sightings(text, CANARIES)).toEqual([]);
    }
  });

  test('the JSON of a result shows kind and place of an unexpected error, without its text', () => {
    const error = caught(() => JSON.parse(`${PERSON.name} "${PERSON.phone}"`));
    expect(sightings(String(error), CANARIES)).not.toEqual([]);
    const metrics = { calls: 1, retries: 0, bytes: 0 };
    const text = JSON.stringify(resultJson({ entity: 'customers', status: 'failed', error, metrics }));
    expect(text).toMatch(HERE);
    expect(sightings(text, CANARIES)).toEqual([]);
  });

  test('the safe message of a thrown value that is not an error says only that', () => {
    expect(describeFailure(PERSON, true).text).toBe(
      'Unexpected failure. a value that is not an error was thrown',
    );
  });
});

describe('the title of an error answer of the API', () => {
  const kind = (title: unknown) => readErrorAnswer(answer(JSON.stringify({ title }))).kind;

  test.each([
    'One or more validation errors occurred.',
    'Invalid token',
    "The app isn't connected.",
  ])('the title of an error answer is shown: %s', (title) => expect(kind(title)).toBe(title));

  test.each([
    `${PERSON.name} is unknown`,
    `Unknown customer ${PERSON.name}`,
    `Call ${PERSON.phone} again`,
    `Mail to ${PERSON.email} failed`,
    'Two\nlines of it',
    'An \u001b[2J escape',
    PERSON.name,
    12,
  ])('the title of an error answer is hidden: %s', (title) => expect(kind(title)).toBeUndefined());
});

describe('foreign text on a terminal', () => {
  const evil = 'Nevada\u001b[2J\u009b31m\r\n0 RED\u202e\u0007';

  test('control characters of foreign text are printed as escape codes', () => {
    expect(printable(evil)).toBe('Nevada\\u001b[2J\\u009b31m\\u000d\\u000a0 RED\\u202e\\u0007');
    expect(printable("Läckö & Söhne – 日本 '=1+1'")).toBe("Läckö & Söhne – 日本 '=1+1'");
  });

  test('foreign text moves no cursor in a table and in an error message', () => {
    const table = textTable(['Unit', 'Leads'], [[evil, 1]]);
    expect(table.split('\n')).toHaveLength(2);
    const failure = describeFailure(new ConfigurationError([`there is no unit "${evil}"`]), false).text;
    for (const text of [table, failure]) expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

function answer(text: string) {
  return { status: 400, retryAfter: undefined, date: undefined, body: Buffer.from(text) };
}

function thrown(message: string): never {
  throw new Error(message);
}

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
