import { expect } from 'vitest';
import { nightByHttp, serviceProcess } from '../app/serve/process.ts';

/**
 * Runs nights by `POST /nightly` of one service, one after the other; each must end YELLOW.
 *
 * @returns the run ids that were answered, those that the log says ended, and the costs that it tells
 */
export async function nightsOfService(env: Readonly<Record<string, string>>, count: number) {
  const { ask, log, stop } = await serviceProcess(env);
  const nights: string[] = [];
  while (nights.length < count) {
    const { json } = await nightByHttp(ask, `night-${nights.length}`);
    expect([json.error, json.verdict]).toEqual([undefined, 'YELLOW']);
    nights.push(json.runId);
  }
  await stop();
  const lines = log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const ofType = (type: string) => lines.filter((line) => line.type === type);
  return {
    nights,
    ended: ofType('night').map(({ runId, status }) => [runId, status]),
    costs: ofType('cost'),
  };
}
