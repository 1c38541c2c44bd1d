import { accepts } from 'hono/accepts';
import { ALIASES } from '../../schemas/entities.ts';
import { PAGE_HEADERS, wantsPage } from './accept.ts';
import { lastSync, recentRuns } from './history.ts';
import { entitiesAnswer } from './page-routes.ts';
import { ENTITY, entityOf } from './parameters.ts';
import { PROBLEM_TYPE } from './problem.ts';
import type { Answer, Route, Service } from './route.ts';

const NO_ENTITY: Answer = {
  description: 'There is no such entity.',
  content: { [PROBLEM_TYPE]: 'UnknownEntity' },
};
const SHOWN_RUNS = 10;

const FORMATS = { 'text/html': 'html', 'application/json': 'json', 'text/markdown': 'markdown' } as const;

/** Read-only routes; they answer also during a run. */
export function readRoutes(service: Service): readonly Route[] {
  const { shared, reports, entities } = service;
  return [
    {
      methods: ['GET'],
      path: '/entities',
      summary: 'The names of the entities that a night reads; for a browser how fresh and complete they are.',
      parameters: [],
      answers: {
        200: {
          description: 'Their names.',
          content: { 'application/json': 'Entities', 'text/html': 'Text' },
        },
        404: { description: 'For a browser: there is no mart yet.', content: { [PROBLEM_TYPE]: 'Problem' } },
      },
      answer: (c) => {
        if (wantsPage(c)) return entitiesAnswer(c, service);
        const names = entities.map(({ name }) => name);
        return c.json({ entities: names, count: names.length, aliases: ALIASES });
      },
    },
    {
      methods: ['GET'],
      path: '/status/{entity}',
      summary: 'The ten newest runs of an entity.',
      parameters: [ENTITY],
      answers: {
        200: { description: 'Newest first.', content: { 'application/json': 'Status' } },
        404: NO_ENTITY,
      },
      answer: async (c) => {
        const { asked, name } = entityOf(c);
        const runs = await shared.read((session) => recentRuns(session, name, SHOWN_RUNS));
        return c.json({ entity: asked, recentRuns: runs });
      },
    },
    {
      methods: ['GET'],
      path: '/last-sync/{entity}',
      summary: 'When an entity was last loaded from its cursor, and up to which change.',
      parameters: [ENTITY],
      answers: {
        200: { description: 'Null if it never was.', content: { 'application/json': 'LastSync' } },
        404: NO_ENTITY,
      },
      answer: async (c) => {
        const { asked, name } = entityOf(c);
        return c.json({ entity: asked, ...(await shared.read((session) => lastSync(session, name))) });
      },
    },
    {
      methods: ['GET'],
      path: '/report',
      summary: 'The report: an HTML page, JSON or Markdown, depending on Accept.',
      parameters: [],
      answers: {
        200: {
          description: 'The report; during a nightly run, the previous one.',
          content: { 'text/html': 'Text', 'application/json': 'Report', 'text/markdown': 'Text' },
        },
        404: { description: 'There is no mart yet.', content: { [PROBLEM_TYPE]: 'Problem' } },
      },
      answer: async (c) => {
        const asked = accepts(c, { header: 'Accept', supports: Object.keys(FORMATS), default: 'text/html' });
        const [type, format] = Object.entries(FORMATS).find(([name]) => name === asked) ?? [
          'text/html',
          'html',
        ];
        const { renderReport } = await import('../pipeline/write-report.ts');
        const report = await renderReport(await reports.current());
        const headers = { 'content-type': `${type}; charset=utf-8`, vary: 'Accept' };
        return c.body(report[format], 200, format === 'html' ? { ...headers, ...PAGE_HEADERS } : headers);
      },
    },
  ];
}
