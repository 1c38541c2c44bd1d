import type { ComponentChildren } from 'preact';
import { document } from '../../report/page.tsx';
import { type Cell, type Links, LinksContext } from '../../report/parts.tsx';

/** Where the pages of the service lead. */
export const LINKS: Links = { explain: explainPath, week: (start) => `/weeks/${start}` };

/** `/kpis/total_booked/Nevada-Sales/2025-08-18`; a longer period as `2025-08-18..2025-08-24`. */
export function explainPath({ kpi, unit, start, end }: Cell): string {
  const period = start === end ? start : `${start}..${end}`;
  return `/kpis/${kpi}/${encodeURIComponent(unit)}/${period}`;
}

/** The links between the pages. */
export function SiteNav() {
  return (
    <nav class="site" aria-label="Pages">
      <a href="/">Report</a>
      <a href="/runs">Runs</a>
      <a href="/entities">Entities</a>
      <a href="/checks">Checks</a>
    </nav>
  );
}

/**
 * A page of the service.
 *
 * @param refreshSeconds the browser loads the page again after so long: a run is watched without script
 */
export function sitePage(
  title: string,
  children: ComponentChildren,
  options: { readonly refreshSeconds?: number } = {},
): string {
  return document(
    `${title} · KPIs`,
    <LinksContext.Provider value={LINKS}>
      <SiteNav />
      <main id="main">
        <h1>{title}</h1>
        {children}
      </main>
    </LinksContext.Provider>,
    options,
  );
}
