import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package that a production install brings, by the lock file; what is installed here says its own licence. */
export interface Licensed {
  readonly name: string;
  /** As the lock file has it, for packages of other platforms are not installed. */
  readonly licence: string | undefined;
  /** As the installed package says; undefined where it is not installed. */
  readonly installed: string | undefined;
}

/** Licences that the product may be built on, and why each is no burden. */
export const ALLOWED: Readonly<Record<string, string>> = {
  MIT: 'permissive: keep the notice',
  'Apache-2.0': 'permissive: keep the notice; grants patents',
  ISC: 'permissive: keep the notice',
  'BSD-2-Clause': 'permissive: keep the notice',
  'BSD-3-Clause': 'permissive: keep the notice, do not advertise with the name',
  'BlueOak-1.0.0': 'permissive: keep the notice',
  'Python-2.0': 'permissive: keep the notice and say what was changed; nothing is (`argparse`)',
  Unlicense: 'in the public domain',
};

export function licencesOf(root: string): readonly Licensed[] {
  const { packages }: Lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { license }]) => {
      const file = join(root, path, 'package.json');
      const installed = existsSync(file) ? saidBy(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
      return { name: path.replace(/^.*node_modules\//, ''), licence: license, installed };
    });
}

/** Packages whose licence is unknown, not allowed, or not what the package itself says. */
export function refused(packages: readonly Licensed[]): readonly string[] {
  return packages.flatMap(({ name, licence, installed = licence }) => {
    if (installed !== licence) return [`${name} says ${installed}, the lock file ${licence}`];
    return licence !== undefined && licence in ALLOWED ? [] : [`${name} is under ${licence ?? 'no licence'}`];
  });
}

/** `docs/licences.md`. */
export function licencesPage(packages: readonly Licensed[]): string {
  const sections = Object.entries(ALLOWED).map(([licence, why]) => {
    const names = new Set(
      packages.filter((each) => each.licence === licence).map(({ name }) => `\`${name}\``),
    );
    return `## ${licence}\n\n${why[0]?.toUpperCase()}${why.slice(1)}.\n\n${[...names].sort().join(', ')}\n`;
  });
  return `# Licences of what is installed

Packages of \`npm ci --omit=dev\`, those of other platforms included. Made by \`npm run licences\`; a test refuses a package
whose licence is not among these, or is not the one that the package itself names.

${sections.join('\n')}`;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly license?: string }>>;
}

function saidBy({ license }: { license?: unknown }): string {
  const text = typeof license === 'object' && license !== null && 'type' in license ? license.type : license;
  return typeof text === 'string' ? text : 'no licence';
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, '../..');
  writeFileSync(join(root, 'docs/licences.md'), licencesPage(licencesOf(root)));
}
