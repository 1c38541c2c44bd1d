const SCRIPT = 'exec 3<&0; "$@" </dev/null 3<&- & server=$!; (read -r _ <&3; kill $server) & wait $server';

/**
 * Arguments of `/bin/sh` that run a server until its standard input closes. Only this process holds the input open, so
 * the server ends with this process, even if this process is killed.
 */
export function endWithParent(program: string, args: readonly string[]): string[] {
  return ['-c', SCRIPT, 'sh', program, ...args];
}
