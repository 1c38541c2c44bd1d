import { type Command, Option } from 'commander';
import { type DriftRow, type RejectedRow, readDrift, readRejected } from '../extract/drift-report.ts';
import { readSchema } from '../schemas/columns.ts';
import type { CommandContext } from './context.ts';
import { configOf, openSession } from './session.ts';
import { textTable } from './text-table.ts';

export function addDrift(program: Command, context: CommandContext): void {
  program
    .command('drift')
    .description(
      'List how records differ from their schemas: new, missing and changed fields, and what is rejected.',
    )
    .addOption(new Option('--json', 'print as JSON instead of tables'))
    .addHelpText(
      'after',
      '\nA new field becomes a column by: npm run schema -- accept <entity> <field>. Values of records are never shown.',
    )
    .action(async (options: { json?: boolean }) => {
      const session = await openSession(context, configOf(context));
      try {
        const { datasets } = session.config;
        const { query } = session.warehouse;
        const drift = await readDrift({ query, datasets, schemaOf: readSchema });
        const rejected = await readRejected(query, datasets);
        const text = options.json ? JSON.stringify({ drift, rejected }, null, 2) : driftText(drift, rejected);
        context.stdout.write(`${text}\n`);
      } finally {
        session.close();
      }
    });
}

function driftText(drift: readonly DriftRow[], rejected: readonly RejectedRow[]): string {
  const tables = [];
  if (drift.length > 0) {
    tables.push(
      textTable(
        ['Entity', 'Field', 'What', 'Seen', 'First', 'Last', 'Records'],
        drift.map(({ entity, field, kind, details, first, last, records }) => [
          entity,
          field,
          kind,
          details.join(', '),
          first.date,
          last.date,
          records,
        ]),
        new Set(['Records']),
      ),
    );
  }
  if (rejected.length > 0) {
    tables.push(
      textTable(
        ['Rejected', 'Reasons', 'First', 'Last', 'Records'],
        rejected.map(({ entity, errors, first, last, records }) => [
          entity,
          errors,
          first.slice(0, 10),
          last.slice(0, 10),
          records,
        ]),
        new Set(['Records']),
      ),
    );
  }
  return tables.length > 0 ? tables.join('\n\n') : 'Every record that was read fits its schema.';
}
