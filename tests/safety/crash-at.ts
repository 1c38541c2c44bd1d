import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Loaded before the command line in a process that must crash: before the first page is landed, an error that
 * quotes the records escapes every catch, as an error in a callback would. The command line has no code for this.
 */
const { link } = fs;
fs.link = async (existing, target) => {
  const cause = { headers: { authorization: process.env.CRASH_TEXT } };
  if (process.env.CRASH_AS === 'exception') {
    setImmediate(() => {
      throw Object.assign(new SyntaxError(`Unexpected token in ${process.env.CRASH_TEXT}`), { cause });
    });
  } else void Promise.reject(Object.assign(new Error(process.env.CRASH_TEXT), { cause }));
  return link(existing, target);
};
syncBuiltinESMExports();
