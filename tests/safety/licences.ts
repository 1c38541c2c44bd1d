import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package of a production install, from the lock file. */
export interface Licensed {
  readonly name: string;
  /** The licence in the lock file: packages of other platforms are not installed here. */
  readonly licence: string | undefined;
  /** The licence that the installed package names; undefined if it is not installed. */
  readonly installed: string | undefined;
}

/** Allowed licences and what each requires of us. */
export const ALLOWED: Readonly<Record<string, string>> = {
  MIT: 'permissive: keep the notice',
  'Apache-2.0': 'permissive: keep the notice; grants patents',
  ISC: 'permissive: keep the notice',
  'BSD-2-Clause': 'permissive: keep the notice',
  'BSD-3-Clause': 'permissive: keep the notice; do not use the name for advertising',
  'BlueOak-1.0.0': 'permissive: keep the notice',
  'Python-2.0': 'permissive: keep the notice and name your changes; `argparse` is unchanged',
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

/** Packages whose licence is missing, not allowed, or not the one that the package itself names. */
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

These are the packages that \`npm ci --omit=dev\` installs, including packages for other platforms. \`npm run licences\` writes this
page. A test fails if a package has a licence that is not listed here, or if the package names another licence than the lock file.

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
