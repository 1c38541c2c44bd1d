import { instantOf } from '../../extract/load/instant.ts';
import { LEASE_MS } from '../../extract/load/lease-owner.ts';
import {
  type Check,
  type DoctorContext,
  type Finding,
  failed,
  failureOf,
  ok,
  skipped,
  warning,
} from './check.ts';

const NOTICEABLE_MS = 5_000;

/** Checks that the clocks of the API and the warehouse agree with this machine's. */
export const clocks: Check = {
  name: 'clocks',
  needs: ['ST_'],
  run: async (context) => [
    await serviceClock(context),
    ...(await warehouseClock(context).catch((error: unknown) => [failureOf(error)])),
  ],
};

async function serviceClock({ isSandbox, probes }: DoctorContext): Promise<Finding> {
  if (isSandbox) return skipped("the sandbox's clock is fixed at its run date");
  const answer = (await probes().catch(() => [])).find(({ date }) => date !== undefined);
  if (!answer?.date) return skipped('no response of the API has a Date header');
  // The header has whole seconds, so on average it is half a second behind.
  return clockFinding('the API', answer.date.getTime() + 500 - answer.answeredAt.getTime());
}

async function warehouseClock({ config, now, warehouse }: DoctorContext): Promise<readonly Finding[]> {
  // DuckDB runs in this process and uses the same clock.
  if (config.warehouse.kind === 'duckdb') return [];
  const opened = await warehouse().catch(() => undefined);
  if (!opened) return [];
  const [row] = await opened.query<{ present: string }>(
    'select cast(current_timestamp as string) as present',
  );
  return row ? [clockFinding('the warehouse', instantOf(row.present).getTime() - now().getTime())] : [];
}

/** Fails when clocks differ by more than a lease's minute: one run would take over the lease of another. */
function clockFinding(whose: string, aheadMs: number): Finding {
  const off = Math.abs(aheadMs);
  if (off < NOTICEABLE_MS) return ok(`${whose} and this machine agree to ${(off / 1000).toFixed(1)} s`);
  const text = `${whose} is ${difference(off)} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine`;
  const remedy = 'Set the clock of this machine from a time server (NTP), then run doctor again.';
  return off > LEASE_MS ? failed(text, remedy) : warning(text, remedy);
}

function difference(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
