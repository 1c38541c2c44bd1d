import { createWarehouse } from '../create-warehouse.ts';
import type { Warehouse } from '../warehouse.ts';
import type { BigqueryClient } from './client.ts';
import { type BigqueryOptions, bigqueryEngine } from './engine.ts';

export interface BigqueryWarehouse extends Warehouse {
  /** For other requests to the same place; they are counted among the warehouse's. */
  readonly client: BigqueryClient;
}

/** A warehouse in BigQuery; nothing is asked before it is prepared. */
export function openBigquery(options: BigqueryOptions): BigqueryWarehouse {
  const engine = bigqueryEngine(options);
  return { ...createWarehouse(engine, options.config), client: engine.client };
}
