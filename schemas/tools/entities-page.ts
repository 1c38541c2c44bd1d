import { notRead } from '../catalogue.ts';
import { allEntities, entities } from '../entities.ts';

const BEGIN = '<!-- entities:begin, derived by `npm run schema` -->';
const END = '<!-- entities:end -->';

/** Names of an entity in other extractors, by extractor and entity. */
export type Elsewhere = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The page with the tables of the entities renewed between its marks. */
export function withEntityTables(page: string, elsewhere: Elsewhere): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  return `${before}${BEGIN}\n${[counts(elsewhere), ...modules(elsewhere)].join('\n\n')}\n${END}${after}`;
}

/** One row per module, and the sums. A list counts as read if its entity has no export feed, and else as used beside the feed. */
function counts(elsewhere: Elsewhere): string {
  const others = Object.keys(elsewhere);
  const rows = moduleNames().map((module) => {
    const of = allEntities().filter((row) => row.module === module);
    return [
      of.length,
      of.filter((row) => entities.includes(row)).length,
      of.filter((row) => row.export !== undefined).length,
      of.filter((row) => row.export === undefined).length,
      notRead().filter((row) => row.module === module).length,
      ...others.map((other) => of.filter(({ name }) => elsewhere[other]?.[name] !== undefined).length),
    ];
  });
  const sums = (rows[0] ?? []).map((_, column) => rows.reduce((sum, row) => sum + (row[column] ?? 0), 0));
  const headings = [
    'entities',
    'every night',
    'by export feed',
    'by list',
    'collections not read',
    ...others,
  ];
  return table(
    ['module', ...headings],
    [
      ...moduleNames().map((module, index) => [module, ...(rows[index] ?? [])]),
      ['**all**', ...sums.map((sum) => `**${sum}**`)],
    ],
  );
}

function modules(elsewhere: Elsewhere): string[] {
  const others = Object.keys(elsewhere);
  return moduleNames().map((module) => {
    const read = allEntities().filter((row) => row.module === module);
    const rest = notRead().filter((row) => row.module === module);
    return [
      `### ${module}`,
      ...(read.length === 0
        ? []
        : [
            table(
              ['entity', 'what it is', 'feed', 'scope', ...others],
              read.map(({ name, about, export: feed, scope }) => [
                entities.some((row) => row.name === name) ? `**${name}**` : name,
                about,
                feed === undefined ? 'list' : 'export',
                `\`${scope}\``,
                ...others.map((other) => elsewhere[other]?.[name] ?? '–'),
              ]),
            ),
          ]),
      ...(rest.length === 0
        ? []
        : [
            table(
              ['not read', 'why'],
              rest.map(({ path, why }) => [`\`${path}\``, why]),
            ),
          ]),
    ].join('\n\n');
  });
}

function moduleNames(): readonly string[] {
  return [...new Set([...allEntities(), ...notRead()].map(({ module }) => module))].sort();
}

function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
