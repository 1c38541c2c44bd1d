import type { ServerSettings } from './routes.ts';
import { serveTenant } from './server.ts';
import type { RenderedTenant } from './tenant/render.ts';

/** Serves a tenant in a separate process until the parent process ends. */
process.once(
  'message',
  async ({ tenant, settings }: { tenant: RenderedTenant; settings: ServerSettings }) => {
    const server = await serveTenant(tenant, settings);
    process.send?.({ url: server.url });
  },
);
process.once('disconnect', () => process.exit(0));
