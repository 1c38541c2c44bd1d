import type { Landing } from '../../extract/landing/landing.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import type { Step } from './schedule.ts';

export type Ports = { readonly landing: Landing; readonly warehouse: Warehouse };

/** Landing and warehouse of a process that is gone from this step on: every further call fails. */
export function cutAt({ landing, warehouse }: Ports, entity: string, step: Step): Ports {
  let isGone = false;
  const gone = () => Promise.reject(new Error('the process is gone'));
  const passing = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => (isGone ? gone() : work(...args));
  };
  const dies = async <R>(isHere: boolean, when: 'before' | 'after', work: () => Promise<R>): Promise<R> => {
    if (isGone) return gone();
    if (isHere && when === 'before') {
      isGone = true;
      return gone();
    }
    const result = await work();
    if (isHere) isGone = true;
    return isGone ? gone() : result;
  };
  const file = { page: 'page-00001', 'second page': 'page-00002', manifest: 'manifest', sealed: 'manifest' };
  return {
    landing: {
      ...landing,
      put(path, bytes) {
        const name = step in file ? file[step as keyof typeof file] : undefined;
        const isHere = name !== undefined && path.startsWith(`${entity}/`) && path.includes(name);
        return dies(isHere, step === 'sealed' ? 'after' : 'before', () => landing.put(path, bytes));
      },
    },
    warehouse: {
      ...warehouse,
      begin: passing(warehouse.begin),
      extendLease: passing(warehouse.extendLease),
      load(load) {
        const isHere = load.manifest.entity === entity && (step === 'load' || step === 'loaded');
        return dies(isHere, step === 'load' ? 'before' : 'after', () => warehouse.load(load));
      },
      fail: passing(warehouse.fail),
      releaseLease: passing(warehouse.releaseLease),
    },
  };
}
