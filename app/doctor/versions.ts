import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Check, type Finding, failed, ok, warning } from './check.ts';

interface Manifest {
  readonly version?: string;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Checks that Node is new enough, and that the installed packages are those in package.json. */
export const versions: Check = {
  name: 'versions',
  needs: [],
  async run({ projectDir, config }) {
    const file = join(projectDir, 'package.json');
    const wanted = manifest(file);
    const packages = { ...wanted.dependencies, ...wanted.optionalDependencies };
    const installed = installedIn(createRequire(file), Object.keys(packages));
    const findings: Finding[] = [];
    const node = wanted.engines?.node?.replace(/^>=/, '') ?? '0';
    if (isOlder(process.versions.node, node)) {
      findings.push(
        failed(`Node ${process.versions.node} is older than ${node}`, `Install Node ${node} or newer.`),
      );
    }
    // The image for BigQuery does not contain these.
    const isNeeded = (name: string) => config.warehouse.kind === 'duckdb' || !DUCKDB_ONLY.test(name);
    const missing = Object.keys(packages).filter((name) => isNeeded(name) && !installed.has(name));
    if (missing.length > 0) findings.push(failed(`not installed: ${missing.join(', ')}`, 'Run `npm ci`.'));
    const different = [...installed].filter(([name, version]) => version !== packages[name]);
    if (different.length > 0) {
      const texts = different.map(([name, version]) => `${name} ${version} instead of ${packages[name]}`);
      findings.push(warning(`installed: ${texts.join(', ')}`, 'Run `npm ci`.'));
    }
    const duckdb = installed.get('@duckdb/node-api');
    const named = `Node ${process.versions.node}${duckdb ? `, DuckDB ${duckdb}` : ''}`;
    return findings.length > 0 ? findings : [ok(`${named}; all packages have the versions in package.json`)];
  },
};

const DUCKDB_ONLY = /duckdb|zetasql/;

function manifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function installedIn(from: NodeJS.Require, names: readonly string[]): ReadonlyMap<string, string> {
  const installed = new Map<string, string>();
  for (const name of names) {
    for (const folder of from.resolve.paths(name) ?? []) {
      try {
        installed.set(name, manifest(join(folder, name, 'package.json')).version ?? '');
        break;
      } catch {
        // Not in this folder.
      }
    }
  }
  return installed;
}

function isOlder(version: string, than: string): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  const [c = 0, d = 0] = than.split('.').map(Number);
  return a < c || (a === c && b < d);
}
