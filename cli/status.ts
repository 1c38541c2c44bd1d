import { type Command, Option } from 'commander';
import type { CommandContext } from './context.ts';
import { configOf, openSession, type Session } from './session.ts';
import { textTable } from './text-table.ts';

export function addStatus(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('Show how far each entity is loaded and how its last run ended.')
    .addOption(new Option('--json', 'print as JSON instead of a table'))
    .action(async (options: { json?: boolean }) => {
      const session = await openSession(context, configOf(context));
      try {
        const rows = await statusRows(session);
        context.stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : `${statusTable(rows)}\n`);
      } finally {
        session.close();
      }
    });
}

interface StatusRow {
  readonly entity: string;
  readonly status: string | null;
  readonly end_time: string | null;
  readonly watermark: string | null;
  readonly records_read: string | null;
  readonly records_new: string | null;
  readonly records_rejected: string | null;
  readonly lease_owner: string | null;
  readonly error: string | null;
}

function statusRows({ warehouse, config }: Session): Promise<readonly StatusRow[]> {
  const { logs } = config.datasets;
  return warehouse.query<StatusRow>(
    `select s.entity, l.status, l.end_time, s.watermark, l.records_read, l.records_new, l.records_rejected, s.lease_owner, l.error
       from ${logs}.sync_state s
       left join (
         select * from ${logs}.ingestion_logs
         qualify row_number() over (partition by entity order by start_time desc) = 1
       ) l on l.entity = s.entity
       order by s.entity`,
  );
}

function statusTable(rows: readonly StatusRow[]): string {
  if (rows.length === 0) return 'Nothing is loaded yet; run `npm run nightly`.';
  return textTable(
    ['Entity', 'Last run', 'Ended', 'Loaded up to', 'Read', 'New', 'Rejected', 'Note'],
    rows.map((row) => [
      row.entity,
      row.status,
      row.end_time,
      row.watermark,
      row.records_read,
      row.records_new,
      row.records_rejected,
      row.error ?? (row.lease_owner ? `held by ${row.lease_owner}` : null),
    ]),
    new Set(['Read', 'New', 'Rejected']),
  );
}
