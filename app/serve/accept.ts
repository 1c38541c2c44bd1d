import type { Context } from 'hono';
import { accepts } from 'hono/accepts';

/** What browsers may do with a page: it has no script and loads nothing, and no other site may frame it. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  vary: 'Accept',
};

/** Whether the caller is a browser: it names HTML before JSON. A program that says nothing gets JSON. */
export function wantsPage(c: Context): boolean {
  const supports = ['application/json', 'text/html'];
  return accepts(c, { header: 'Accept', supports, default: 'application/json' }) === 'text/html';
}

export function pageResponse(c: Context, html: string, status: 200 | 202 = 200): Response {
  return c.body(html, status, PAGE_HEADERS);
}
