import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** A copy of the Dataform project that a test may break. */
export function copyOfProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'dataform-copy-'));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const part of [
    'dataform.json',
    'package.json',
    'definitions',
    'includes',
    'schemas/catalogue.json',
    'schemas/catalogue',
    'node_modules/@dataform/core',
  ]) {
    cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
  }
  return copy;
}

/** Replaces the first `from` in a file; fails if there is none. */
export function edit(project: string, file: string, from: string, to: string): void {
  const path = join(project, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
  writeFileSync(path, text.replace(from, to));
}
