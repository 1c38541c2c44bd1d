import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from './command.ts';

const ROOMS = [
  ...['app', 'base', 'definitions', 'engine', 'extract', 'includes', 'sandbox', 'schemas'],
  ...['package.json', 'tsconfig.json', 'dataform.json'],
];

/** A copy of the pipeline whose files a test may change. The caller removes it. */
export function copyOfPipeline(also: readonly string[] = []): string {
  const copy = mkdtempSync(join(tmpdir(), 'faults-copy-'));
  for (const part of [...ROOMS, ...also]) cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}
