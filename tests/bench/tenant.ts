import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ServerSettings } from '../../bench/routes.ts';
import { serveTenant } from '../../bench/server.ts';
import { type RenderedTenant, renderTenant } from '../../bench/tenant/render.ts';

/** Small enough to run in seconds, large enough that large feeds have several pages. */
export const SMALL = { scale: 0.002, rowsPerPage: 100 } as const;

export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A small rendered tenant and the address that serves it, both removed after the test. */
export async function servedTenant(settings: ServerSettings = { withChanges: false }) {
  const folder = testFolder();
  const tenant = await renderTenant(join(folder, 'cache'), SMALL);
  return { folder, tenant, url: await serve(tenant, settings) };
}

export async function serve(tenant: RenderedTenant, settings: ServerSettings): Promise<string> {
  const server = await serveTenant(tenant, settings);
  onTestFinished(() => server.close());
  return server.url;
}

export function pagesOf(tenant: RenderedTenant, name: string): number {
  return tenant.entities.find((entity) => entity.name === name)?.pages.length ?? 0;
}
