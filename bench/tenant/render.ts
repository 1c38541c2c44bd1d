import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBook } from '../../sandbox/data/book.ts';
import { addStaff } from '../../sandbox/data/people.ts';
import { addUnitsAndTypes } from '../../sandbox/data/units.ts';
import { type Entity, entities } from '../../schemas/entities.ts';
import { isOpen } from './links.ts';
import { recordMaker } from './records.ts';
import { type GeneratedEntity, RUN_DATE, SYNC_START_DATE, type Volumes, volumesAt } from './volumes.ts';

/** The `data` array of one page on disk, including its brackets. */
interface RenderedPage {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface RenderedEntity {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** The pages of the export feed, or of the list if the entity has no export feed. */
  readonly pages: readonly RenderedPage[];
  /** The pages that follow in the feed after records have changed. */
  readonly changes: readonly RenderedPage[];
  /** Open records: records whose balance is not zero. */
  readonly openRecords: readonly RenderedPage[];
}

export interface RenderedTenant {
  readonly folder: string;
  readonly scale: number;
  readonly rowsPerPage: number;
  readonly entities: readonly RenderedEntity[];
}

export interface TenantSettings {
  /** Fraction of the real volume. */
  readonly scale: number;
  readonly rowsPerPage: number;
}

/** One of 200 records changes between the first nightly run and the next. */
const CHANGED_EVERY = 200;
const INDEX = 'tenant.json';
/** Increase this number when the format changes; cached tenants are then rendered again. */
const VERSION = 5;

/** Renders the tenant into a folder below `cache`, unless it is there already. */
export async function renderTenant(cache: string, settings: TenantSettings): Promise<RenderedTenant> {
  const folder = join(cache, `tenant-v${VERSION}-${settings.scale}-${settings.rowsPerPage}`);
  const index = join(folder, INDEX);
  if (existsSync(index)) return { ...(JSON.parse(await readFile(index, 'utf8')) as RenderedTenant), folder };
  await rm(folder, { recursive: true, force: true });
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const volumes = volumesAt(settings.scale);
  const dimensions = smallDimensions();
  const rendered: RenderedEntity[] = [];
  for (const entity of entities) {
    const put = (kind: string, records: Iterable<string>) =>
      writePages(unfinished, `${entity.name}-${kind}`, records, settings.rowsPerPage);
    const { all, changed, open } = isGenerated(entity.name, volumes)
      ? generated(entity, entity.name, volumes)
      : { all: dimensions.records(entity.name).map(({ json }) => json), changed: [], open: [] };
    const pages = await put('page', all);
    rendered.push({
      name: entity.name,
      rows: sum(pages, 'rows'),
      bytes: sum(pages, 'bytes'),
      pages,
      changes: await put('changes', changed),
      openRecords: await put('open', open),
    });
  }
  const tenant: RenderedTenant = { folder, ...settings, entities: rendered };
  await writeFile(join(unfinished, INDEX), JSON.stringify(tenant));
  await rename(unfinished, folder);
  return tenant;
}

function isGenerated(name: string, volumes: Volumes): name is GeneratedEntity {
  return name in volumes;
}

function generated(entity: Entity, name: GeneratedEntity, volumes: Volumes) {
  const make = recordMaker(name, volumes);
  const rows = volumes[name];
  const changedAtMs = Date.parse(`${RUN_DATE}T06:00:00Z`);
  return {
    all: made(rows, 1, (index) => make(index)),
    changed: entity.export ? made(rows, CHANGED_EVERY, (index) => make(index, changedAtMs + index)) : [],
    open: entity.openRecords ? made(rows, 1, (index) => (isOpen(index) ? make(index) : undefined)) : [],
  };
}

function* made(rows: number, step: number, make: (index: number) => string | undefined): Generator<string> {
  for (let index = 0; index < rows; index += step) {
    const record = make(index);
    if (record !== undefined) yield record;
  }
}

/** Units, types, people and tags, whose number does not depend on the volume. */
function smallDimensions() {
  const book = createBook(`${RUN_DATE}T12:00:00Z`);
  addUnitsAndTypes(book, SYNC_START_DATE);
  addStaff(book, SYNC_START_DATE);
  return book;
}

async function writePages(
  folder: string,
  prefix: string,
  records: Iterable<string>,
  rowsPerPage: number,
): Promise<readonly RenderedPage[]> {
  const pages: RenderedPage[] = [];
  let rows: string[] = [];
  const flush = async () => {
    if (rows.length === 0) return;
    const file = `${prefix}-${pages.length + 1}.json`;
    const bytes = Buffer.from(`[${rows.join(',')}]`);
    await writeFile(join(folder, file), bytes);
    pages.push({ file, rows: rows.length, bytes: bytes.length });
    rows = [];
  };
  for (const record of records) {
    if (rows.push(record) === rowsPerPage) await flush();
  }
  await flush();
  return pages;
}

function sum(pages: readonly RenderedPage[], field: 'rows' | 'bytes'): number {
  return pages.reduce((total, page) => total + page[field], 0);
}
