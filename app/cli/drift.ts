import { type Command, Option } from 'commander';
import { printable } from '../../base/printable.ts';
import {
  type DriftRow,
  type RejectedRow,
  readDrift,
  readRejected,
} from '../../extract/upkeep/drift-report.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { configOf, openSession } from '../pipeline/session.ts';
import { wrapText } from './wrapped.ts';

export function addDrift(program: Command, context: CommandContext): void {
  program
    .command('drift')
    .description(
      'List how records differ from their schemas: new, missing and changed fields, and rejected records.',
    )
    .addOption(new Option('--json', 'print as JSON'))
    .addHelpText(
      'after',
      '\nTo make a new field a column: npm run schema -- accept <entity> <field>\nValues of records are never shown.',
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

/** Formats drift and rejected records in 80 columns: a paragraph for each field and each reason. */
export function driftText(drift: readonly DriftRow[], rejected: readonly RejectedRow[]): string {
  if (drift.length + rejected.length === 0) return 'Every record that was read fits its schema.';
  const found = drift.map(
    ({ entity, field, kind, details, first, last, records }) =>
      `${entity} ${field}\n  ${kind} in ${recordsText(records)}, ${nights(first.date, last.date)}: ${details.join(', ')}`,
  );
  const rejections = rejected.map(
    ({ entity, errors, first, last, records }) =>
      `${entity} rejected\n  ${recordsText(Number(records))}, ${nights(first, last)}: ${errors}`,
  );
  const lines = [...found, ...rejections].flatMap((text) => text.split('\n').map(printable));
  return wrapText(
    [...lines, '', 'Nights are named by run date, not by the day on which they ran.'].join('\n'),
  );
}

function recordsText(records: number): string {
  return records === 1 ? '1 record' : `${records.toLocaleString('en')} records`;
}

function nights(first: string | null, last: string | null): string {
  if (first === null || last === null) return 'in runs that are not in the log';
  return first === last ? `night of ${first}` : `nights of ${first} to ${last}`;
}
