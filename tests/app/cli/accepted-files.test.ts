import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rememberingSteps } from '../../../app/cli/accepted-files.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'accepted-'));
  mkdirSync(join(root, 'node_modules'));
  for (const name of ['a.ts', 'b.ts', 'model.sqlx', 'lock.json']) write(name, `first ${name}`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(root, name), text);
}

/** Runs one step over the TypeScript files. @returns what it was asked to look at; 'nothing' if it did not run */
async function run(isSound = true, during = () => {}): Promise<readonly string[] | 'everything' | 'nothing'> {
  const file = join(root, 'node_modules/accepted.json');
  const { step, save } = rememberingSteps(root, file, /^lock\.json$/);
  let asked: readonly string[] | 'everything' | 'nothing' = 'nothing';
  const result = await step('lint', /\.ts$/, async (changed) => {
    asked = changed ?? 'everything';
    during();
    return { isSound, text: '' };
  });
  expect(result.isSound).toBe(asked === 'nothing' || isSound);
  save();
  return asked;
}

describe('a step of a check that remembers what it accepted', () => {
  test('it looks at everything first, then at nothing', async () => {
    expect(await run()).toBe('everything');
    expect(await run()).toBe('nothing');
  });

  test('it looks again at a file that was edited, and at a new one', async () => {
    await run();
    write('b.ts', 'edited');
    write('c.ts', 'new');
    expect(await run()).toEqual(['b.ts', 'c.ts']);
    expect(await run()).toBe('nothing');
  });

  test('it runs again when a file is gone', async () => {
    await run();
    rmSync(join(root, 'a.ts'));
    expect(await run()).toEqual([]);
    expect(await run()).toBe('nothing');
  });

  test('it does not run for a file of another kind', async () => {
    await run();
    write('model.sqlx', 'edited');
    expect(await run()).toBe('nothing');
  });

  test('it runs again until it accepts', async () => {
    await run();
    write('b.ts', 'wrong');
    expect(await run(false)).toEqual(['b.ts']);
    expect(await run(false)).toEqual(['b.ts']);
    expect(await run()).toEqual(['b.ts']);
    expect(await run()).toBe('nothing');
  });

  test('it does not remember files that were edited while it ran', async () => {
    await run();
    write('b.ts', 'wrong');
    // Read by the step after it was mended.
    expect(await run(true, () => write('b.ts', 'mended'))).toEqual(['b.ts']);
    write('b.ts', 'wrong');
    expect(await run()).toEqual(['b.ts']);
  });

  test('it forgets everything when a tool changes', async () => {
    await run();
    write('lock.json', 'another version');
    expect(await run()).toBe('everything');
  });
});
