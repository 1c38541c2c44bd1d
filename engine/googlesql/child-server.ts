const SCRIPT = 'exec 3<&0; "$@" </dev/null 3<&- & server=$!; (read -r _ <&3; kill $server) & wait $server';

/**
 * Arguments of `/bin/sh` that run a server until standard input ends, which we alone hold open: it ends with this
 * process, also when that is killed.
 */
export function endWithParent(program: string, args: readonly string[]): string[] {
  return ['-c', SCRIPT, 'sh', program, ...args];
}
