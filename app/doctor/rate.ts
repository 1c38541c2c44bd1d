import { type Check, type DoctorContext, ok, skipped, warning } from './check.ts';

const SLOW_MS = 5_000;

/** Measures the duration of a call, and computes the shortest possible nightly run under the configured limits. */
export const rate: Check = {
  name: 'rate',
  needs: ['ST_', 'RATE_LIMIT_PER_SECOND', 'MAX_CONCURRENT_REQUESTS'],
  async run(context) {
    const { config, probes } = context;
    const answered = (await probes().catch(() => [])).filter(({ error }) => error === undefined);
    if (answered.length === 0) return [skipped('no call was answered')];
    const sorted = answered.map(({ ms }) => ms).sort((a, b) => a - b);
    const ms = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const { rateLimitPerSecond: perSecond, maxConcurrentRequests: atATime } = config;
    const night = await lastNight(context);
    const calls = night?.calls ?? answered.length;
    const seconds = Math.max(
      calls / perSecond,
      (calls * ms) / 1000 / atATime,
      ((night?.mostOfOne ?? 1) * ms) / 1000,
    );
    const scope = night
      ? `the ${calls} calls of the last night take`
      : `a call for each entity (${calls}) takes`;
    const text = `a call takes ${Math.round(ms)} ms; at ${perSecond} a second, ${atATime} at a time, ${scope} at least ${seconds.toFixed(1)} s`;
    return [ms > SLOW_MS ? warning(text, 'Check status.servicetitan.com and the network.') : ok(text)];
  },
};

async function lastNight({ config, warehouse }: DoctorContext) {
  const opened = await warehouse().catch(() => undefined);
  const [row] =
    (await opened
      ?.query<{ calls: string | null; most: string | null }>(
        `select cast(sum(api_calls) as string) as calls, cast(max(api_calls) as string) as most
         from (
           select api_calls from ${config.datasets.logs}.ingestion_logs
           where status = 'success' and mode in ('incremental', 'full')
           qualify row_number() over (partition by entity order by start_time desc) = 1
         ) as latest`,
      )
      .catch(() => [])) ?? [];
  return row?.calls && row.most ? { calls: Number(row.calls), mostOfOne: Number(row.most) } : undefined;
}
