import { type Ask, notAsked, type Observation } from './question.ts';
import { entity } from './surveyed.ts';
import { durationText, feedPageOf, type Tenant } from './tenant.ts';

type Change = Extract<Ask, { kind: 'token' }>['change'];

/** Asks feeds to go on from a token that is altered, foreign or old. */
export function askForTokens(change: Change, tenant: Tenant): Promise<Observation> {
  return change === 'of this survey' || change === 'of an earlier survey'
    ? askKept(change, tenant)
    : askWrong(change, tenant);
}

/** An altered or foreign token must not be answered with rows. */
async function askWrong(change: Change, tenant: Tenant): Promise<Observation> {
  await tenant.facts();
  const [asked, other] = ['jobs', 'customers'].map((name) => tenant.kept.tokens[name]?.token);
  if (!asked || !other) return { verdict: 'unclear', found: 'the feeds of jobs and customers gave no token' };
  const wrong = { altered: altered(asked), 'of another feed': other, nonsense: 'nonsense' };
  const { status } = await jobsFrom(wrong[change as keyof typeof wrong], tenant);
  return { verdict: status >= 400 ? 'holds' : 'refuted', found: `answered ${status}` };
}

async function askKept(change: Change, tenant: Tenant): Promise<Observation> {
  // The tokens of this survey are those of its first pages.
  if (change === 'of this survey') await tenant.facts();
  const kept = change === 'of this survey' ? tenant.kept.tokens : tenant.kept.earlier;
  const names = Object.keys(kept ?? {});
  if (!kept || names.length === 0) return notAsked('no earlier survey kept a token; ask again in some weeks');
  const refused: string[] = [];
  for (const name of names) {
    const target = entity(name);
    const answer = await tenant.get(target, target.export ?? '', {
      ...target.exportParameters,
      from: kept[name]?.token ?? '',
    });
    if (!feedPageOf(answer)) refused.push(`${name} (${answer.status})`);
  }
  const oldest = Math.min(...Object.values(kept).map(({ seenAt }) => Date.parse(seenAt)));
  const age = durationText(tenant.now().getTime() - oldest);
  if (refused.length === 0) return { verdict: 'holds', found: `${names.length} feeds, after ${age}` };
  const entities = refused.map((text) => text.replace(/ .*/, ''));
  // The next survey asks with newer ones.
  if (tenant.kept.earlier) for (const name of entities) delete tenant.kept.earlier[name];
  return { verdict: 'refuted', found: `refused after ${age}: ${refused.join(', ')}`, entities };
}

function jobsFrom(from: string, tenant: Tenant) {
  const jobs = entity('jobs');
  return tenant.get(jobs, jobs.export ?? '', { ...jobs.exportParameters, from });
}

/** The token with one character in its middle replaced by another of the same kind. */
function altered(token: string): string {
  const middle = Math.floor(token.length / 2);
  return `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`;
}
