import type { Night } from './night.ts';

export interface Fleet {
  readonly nights: readonly Night[];
  /** From the request for a job until its program runs. */
  readonly startMs: number;
  /** Cloud Run jobs that run at the same time. The other nights wait. */
  readonly jobsAtATime: number;
  /** Nights whose models can run at the same time: the project's concurrent queries divided by those of one night. */
  readonly modelsAtATime: number;
}

/** Instants of one night, in milliseconds after the start of all nights. */
export interface NightTimes {
  readonly beganMs: number;
  readonly firstCallMs: number;
  readonly readMs: number;
  readonly modelsMs: number;
  readonly endedMs: number;
}

/** Simulates the nights of all tenants, requested at the same instant. Each waits for a job, and later to run its models. */
export function simulate(fleet: Fleet): readonly NightTimes[] {
  const times: NightTimes[] = [];
  const jobs = new Array<number>(Math.min(fleet.jobsAtATime, fleet.nights.length)).fill(0);
  const models = new Array<number>(fleet.modelsAtATime).fill(0);
  const reading: { readonly night: Night; readonly index: number; readonly beganMs: number }[] = [];
  const waiting = [...fleet.nights.entries()];
  const begin = (beganMs: number) => {
    const [index, night] = waiting.shift() ?? [];
    if (index !== undefined && night) reading.push({ index, night, beganMs });
  };
  for (const freeMs of jobs) begin(freeMs);
  const hasRead = ({ beganMs, night }: (typeof reading)[number]) => beganMs + fleet.startMs + night.readMs;
  while (reading.length > 0) {
    const first = reading.reduce((a, b) => (hasRead(b) < hasRead(a) ? b : a));
    reading.splice(reading.indexOf(first), 1);
    const readMs = hasRead(first);
    const place = models.indexOf(Math.min(...models));
    const modelsMs = Math.max(readMs, models[place] ?? 0);
    const endedMs = modelsMs + first.night.modelMs;
    models[place] = endedMs;
    const { beganMs, index } = first;
    times[index] = { beganMs, firstCallMs: beganMs + fleet.startMs, readMs, modelsMs, endedMs };
    begin(endedMs);
  }
  return times;
}
