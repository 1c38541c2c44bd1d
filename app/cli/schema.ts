import { type Command, Option } from 'commander';
import { UsageError } from '../../base/errors.ts';
import { readDrift } from '../../extract/upkeep/drift-report.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { type Entity, entity as entityNamed } from '../../schemas/entities.ts';
import { readSchema, writeSchema } from '../../schemas/schema-files.ts';
import { inferredType, namesOf, withField } from '../../schemas/tools/accept.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { EXIT } from '../pipeline/exit-code.ts';
import { configOf, openSession, prepareRawTables, type Session } from '../pipeline/session.ts';
import { requireDevPackage } from './dev-package.ts';
import { replayInSession } from './extract.ts';

export function addSchema(program: Command, context: CommandContext): void {
  const schema = program
    .command('schema')
    .description('Derive TypeScript types and Dataform declarations from the schemas.')
    .addOption(new Option('--check', 'only list the derived files that are stale'))
    .action(async ({ check }: { check?: boolean }) => {
      const { derive, staleFiles } = await loadDerive();
      if (!check) return void context.stdout.write(`${await derive()}\n`);
      const { stale, orphaned } = await staleFiles();
      for (const path of [...stale, ...orphaned]) {
        context.stderr.write(`stale: ${path} (run: npm run schema)\n`);
      }
      context.exitWith(stale.length + orphaned.length > 0 ? EXIT.failed : EXIT.green);
    });
  schema
    .command('accept')
    .description('Make a new field a column and fill it from the landed pages, without calling the API.')
    .argument('<entity>', 'name of an entity')
    .argument('<field>', 'the field as `npm run drift` lists it, such as newField or /items/*/newField')
    .addOption(
      new Option('--type <type>', 'INT64, NUMERIC, STRING, … instead of the type that the values suggest'),
    )
    .action((name: string, field: string, { type }: { type?: string }) =>
      accept(context, entityNamed(name), namesOf(field), type),
    );
}

async function accept(
  context: CommandContext,
  entity: Entity,
  names: readonly string[],
  type: string | undefined,
): Promise<void> {
  const { derive } = await loadDerive();
  const session = await openSession(context, configOf(context));
  try {
    await prepareRawTables(session, [entity]);
    const chosen = type ?? inferredType(await typesSeen(session, entity, names));
    const before = readSchema(entity.name);
    const changed = withField(before, names, chosen);
    // The image for BigQuery does not contain DuckDB.
    const { proveSchema } = await import('../../extract/load/duckdb/prove-schema.ts');
    await proveSchema(entity.name, changed);
    writeSchema(entity.name, changed);
    try {
      const derived = await derive();
      await session.warehouse.prepare(declaredTables([entity.name]));
      context.stdout.write(`${entity.name}: ${names.join('/')} is a column of type ${chosen}. ${derived}.\n`);
    } catch (error) {
      writeSchema(entity.name, before);
      await derive();
      throw error;
    }
    await replayInSession(context, session, [entity], false);
  } finally {
    session.close();
  }
}

/** Loads what derives files: it needs a package that `npm ci --omit=dev` leaves out. */
async function loadDerive() {
  requireDevPackage('json-schema-to-typescript', 'schema');
  return import('../../schemas/tools/derive.ts');
}

/** Types that the field's values had in any run. */
async function typesSeen(
  { warehouse, config }: Session,
  entity: Entity,
  names: readonly string[],
): Promise<readonly string[]> {
  const drift = await readDrift({ query: warehouse.query, datasets: config.datasets, schemaOf: readSchema });
  const path = names.join('/');
  const found = drift.find(
    (row) => row.entity === entity.name && row.kind === 'new field' && namesOf(row.field).join('/') === path,
  );
  if (found) return found.details;
  throw new UsageError(
    [`No run has found a new field ${path} in ${entity.name}`],
    'Run `npm run drift` to list the new fields, or give the type with --type.',
  );
}
