import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { DuckDBConnection } from '@duckdb/node-api';

/**
 * Loaded before the command line in a process that is to die: at the point that FAULTS_KILL_AT names, `kill -9` comes
 * from inside, so that not one instruction follows. The command line itself knows nothing of it.
 *
 * Points: `before|after` a landed object (`link page-00002`) or a statement (`run INSERT INTO "st_raw_v2"."raw_jobs"`).
 */
const [, when = '', kind = '', text = ''] =
  /^(before|after) (link|run) (.*)$/.exec(process.env.FAULTS_KILL_AT ?? '') ?? [];

function pass(at: 'before' | 'after', what: 'link' | 'run', subject: string): void {
  if (when === at && kind === what && subject.includes(text)) process.kill(process.pid, 'SIGKILL');
}

const { link } = fs;
fs.link = async (existing, target) => {
  pass('before', 'link', String(target));
  await link(existing, target);
  pass('after', 'link', String(target));
};
syncBuiltinESMExports();

const { run } = DuckDBConnection.prototype;
DuckDBConnection.prototype.run = async function (sql, ...rest) {
  const statement = sql.replace(/\s+/g, ' ').trim();
  pass('before', 'run', statement);
  const result = await run.call(this, sql, ...rest);
  pass('after', 'run', statement);
  return result;
};
