import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Loaded before the command line in a process that is to crash: when the first page is to be landed, an error that
 * quotes the records escapes every catch, as one out of a callback would. The command line knows nothing of it.
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
