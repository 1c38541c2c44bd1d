import type { Context } from 'hono';
import type { SyncMode } from '../../extract/config.ts';
import type { Reports } from './reports.ts';
import type { Runs } from './runs.ts';
import type { SharedSession } from './session.ts';
import type { Shape } from './shapes.ts';

/** What the routes work with. */
export interface Service {
  readonly runs: Runs;
  readonly reports: Reports;
  readonly shared: SharedSession;
  readonly now: () => Date;
  /** What SYNC_MODE says. */
  readonly defaultMode: SyncMode;
  readonly name: string;
  readonly version: string;
}

/** One route: what answers it and what the OpenAPI document says of it. */
export interface Route {
  readonly methods: readonly ('GET' | 'POST')[];
  /** As OpenAPI writes it: `/ingest/{entity}`. */
  readonly path: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  /** Answers by status; those that any route may give are added. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** No token is asked for. */
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
