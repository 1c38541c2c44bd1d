import { once } from 'node:events';
import type { Command } from 'commander';
import type { CommandContext } from '../pipeline/context.ts';

export function addServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('Answer HTTP requests until stopped: start runs, report their state, show the report.')
    .addHelpText('after', '\nThe variable PORT sets the port; docs/http.md lists the routes.')
    .action(async () => {
      const { startService } = await import('../serve/service.ts');
      const service = await startService(context);
      context.stdout.write(`${service.url}\n`);
      if (!context.signal.aborted) await once(context.signal, 'abort');
      await service.close();
    });
}
