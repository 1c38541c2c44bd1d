import type { Context } from 'hono';
import type { SyncMode } from '../../extract/config.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Reports } from './reports.ts';
import type { Runs } from './runs.ts';
import type { SharedSession } from './session.ts';
import type { Shape } from './shapes.ts';

/** What the routes use. */
export interface Service {
  readonly runs: Runs;
  readonly reports: Reports;
  readonly shared: SharedSession;
  readonly now: () => Date;
  /** What a night reads. */
  readonly entities: readonly Entity[];
  /** The value of SYNC_MODE. */
  readonly defaultMode: SyncMode;
  readonly name: string;
  readonly version: string;
}

/** One route: its handler, and its description in the OpenAPI document. */
export interface Route {
  readonly methods: readonly ('GET' | 'POST')[];
  /** In OpenAPI's notation: `/ingest/{entity}`. */
  readonly path: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  /** Answers by status, besides those that every route may give. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** The route needs no token. */
  readonly isOpen?: true;
  readonly answer: (context: Context) => Response | Promise<Response>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: true;
  readonly description: string;
  readonly schema: object;
}

export interface Answer {
  readonly description: string;
  /** Shape of the body by media type. */
  readonly content: Readonly<Record<string, Shape>>;
  readonly headers?: Readonly<Record<string, string>>;
}
