import { type Command, Option } from 'commander';
import { UsageError } from '../../base/errors.ts';
import { type NotRead, notRead } from '../../schemas/catalogue.ts';
import { allEntities, type Entity, likelyEntity } from '../../schemas/entities.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { configOf } from '../pipeline/session.ts';
import { wrapText } from './wrapped.ts';

export function addEntities(program: Command, context: CommandContext): void {
  program
    .command('entities')
    .description(
      'List every collection of the API: what a night reads, what ENTITIES can add, what is not read.',
    )
    .argument('[word...]', 'only modules and entities with one of these words in their name')
    .addOption(new Option('--json', 'print as JSON'))
    .action((words: string[], { json = false }: { json?: boolean }) => {
      const chosen = configOf(context).entities.map(({ name }) => name);
      const rows = allEntities().filter(({ name, module }) => isAsked(words, name, module));
      const others = notRead().filter(({ path, module }) => isAsked(words, path, module));
      const [word = ''] = words;
      if (rows.length + others.length === 0)
        throw new UsageError([`No module and no entity has "${word}" in its name${likelyEntity(word)}`]);
      context.stdout.write(json ? entitiesJson(rows, others, chosen) : entitiesText(rows, others, chosen));
    });
}

function isAsked(words: readonly string[], ...names: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => names.some((name) => name.includes(word)));
}

function entitiesJson(
  rows: readonly Entity[],
  others: readonly NotRead[],
  chosen: readonly string[],
): string {
  const entities = rows.map((row) => ({ ...row, feed: feedOf(row), isRead: chosen.includes(row.name) }));
  return `${JSON.stringify({ entities, notRead: others }, null, 2)}\n`;
}

/** Two lines for each entity: a scope and a sentence do not fit beside each other in 80 columns. */
function entitiesText(
  rows: readonly Entity[],
  others: readonly NotRead[],
  chosen: readonly string[],
): string {
  const read = rows.filter(({ name }) => chosen.includes(name)).length;
  const modules = [...new Set([...rows, ...others].map(({ module }) => module))].sort();
  const of = <Row extends { readonly module: string }>(all: readonly Row[], module: string) =>
    all.filter((row) => row.module === module);
  const sections = modules.map((module) =>
    [
      module,
      ...of(rows, module).flatMap((row) => [
        `${chosen.includes(row.name) ? '✓' : ' '} ${row.name.padEnd(34)} ${feedOf(row).padEnd(7)} ${row.scope}`,
        `    ${row.about}`,
      ]),
      ...of(others, module).map(({ path, why }) => wrapText(`✗ ${path}: ${lowerFirst(why)}`)),
    ].join('\n'),
  );
  const legend = `${read} of ${rows.length} entities are read by a night (✓). ENTITIES=calls,memberships adds some, ENTITIES=all adds the rest. ${others.length} collections are not read (✗), with the reason. Each scope must be granted to the app.`;
  return `${[wrapText(legend), ...sections].join('\n\n')}\n`;
}

/** The export feed is read where there is one. */
function feedOf(entity: Entity): 'export' | 'list' {
  return entity.export === undefined ? 'list' : 'export';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
