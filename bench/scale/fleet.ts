import type { Night } from './night.ts';

export interface Fleet {
  readonly nights: readonly Night[];
  /** From the request of a job until its program runs. */
  readonly startMs: number;
  /** Cloud Run jobs at a time; the other nights wait. */
  readonly jobsAtATime: number;
  /** Nights whose models may run at a time: a project's queries at a time over those that one night asks at a time. */
  readonly modelsAtATime: number;
}

/** Instants of a night in milliseconds from the fleet's start. */
export interface NightTimes {
  readonly beganMs: number;
  readonly firstCallMs: number;
  readonly readMs: number;
  readonly modelsMs: number;
  readonly endedMs: number;
}

/** All tenants' nights, asked for at the same instant: they wait for a job, and again before their models. */
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
