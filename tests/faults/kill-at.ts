import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { DuckDBConnection } from '@duckdb/node-api';

/**
 * Loaded before the command line in a process that must die. At the point that FAULTS_KILL_AT names, `kill -9` comes
 * from inside, so that not one instruction follows. The command line contains no code for this.
 *
 * Points: `before|after` a landed object (`link page-00002`) or a statement (`run INSERT INTO "st_raw_v2"."raw_jobs"`, written in any case);
 * the nth statement from the first that takes a lease (`statement 17`); `after` a byte of what the service answers,
 * headers included (`byte 1234`).
 */
const [, when = '', kind = '', text = ''] =
  /^(before|after) (link|run|statement|byte) (.*)$/.exec(process.env.FAULTS_KILL_AT ?? '') ?? [];

function pass(at: 'before' | 'after', what: 'link' | 'run', subject: string): void {
  if (when === at && kind === what && subject.toLowerCase().includes(text.toLowerCase()))
    process.kill(process.pid, 'SIGKILL');
}

const { link } = fs;
fs.link = async (existing, target) => {
  pass('before', 'link', String(target));
  await link(existing, target);
  pass('after', 'link', String(target));
};
syncBuiltinESMExports();

let statements = 0;
const TAKES_LEASE = 'merge into "st_logs_v2"."sync_state"';

function passNth(at: 'before' | 'after', nth: number): void {
  if (when === at && kind === 'statement' && nth === Number(text)) process.kill(process.pid, 'SIGKILL');
}

const { run } = DuckDBConnection.prototype;
DuckDBConnection.prototype.run = async function (sql, ...rest) {
  const statement = sql.replace(/\s+/g, ' ').trim();
  if (statements > 0 || statement.startsWith(TAKES_LEASE)) statements += 1;
  const nth = statements;
  pass('before', 'run', statement);
  passNth('before', nth);
  const result = await run.call(this, sql, ...rest);
  pass('after', 'run', statement);
  passNth('after', nth);
  return result;
};

let bytes = 0;
const { push } = Socket.prototype;
Socket.prototype.push = function (chunk, encoding) {
  bytes += Buffer.isBuffer(chunk) ? chunk.length : 0;
  if (kind === 'byte' && bytes > Number(text)) process.kill(process.pid, 'SIGKILL');
  return push.call(this, chunk, encoding);
};
