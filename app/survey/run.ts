import { askTenant } from './asks.ts';
import type { Facts } from './entity-facts.ts';
import type { EntitySpeed, Kept, ObservedChange, Survey } from './files.ts';
import { kpisAtRisk } from './kpis-at-risk.ts';
import { type Answered, notAsked, type Observation, type Question } from './question.ts';
import type { Tenant } from './tenant.ts';

/** Where a survey begins: the answers of one that did not end, or nothing. */
export interface SurveyStart {
  readonly startedAt: string;
  /** Calls and seconds of the runs before this one. */
  readonly calls: number;
  readonly seconds: number;
  readonly answers: readonly Answered[];
  readonly entities: readonly EntitySpeed[];
  readonly changes: readonly ObservedChange[];
}

/**
 * Asks the questions that have no answer yet, one after another. After each answer, `save` gets the survey as it is, so
 * that one that is stopped goes on where it was.
 *
 * @param until after this instant no further question is asked; `endedAt` stays null.
 */
export async function runSurvey(options: {
  readonly questions: readonly Question[];
  readonly start: SurveyStart;
  readonly tenant: Tenant;
  readonly until: Date;
  readonly save: (survey: Survey) => Promise<void>;
  readonly onAnswer: (answered: Answered) => void;
}): Promise<Survey> {
  const { questions, start, tenant, until, save, onAnswer } = options;
  const thisRunMs = tenant.now().getTime();
  const answers = start.answers.filter(({ id }) => questions.some((question) => question.id === id));
  const surveyOf = (isOver: boolean): Survey => {
    const now = tenant.now();
    return {
      version: 1,
      source: tenant.isSandbox ? 'sandbox' : 'tenant',
      startedAt: start.startedAt,
      endedAt: isOver ? now.toISOString() : null,
      calls: start.calls + tenant.metrics.calls,
      seconds: start.seconds + Math.round((now.getTime() - thisRunMs) / 1000),
      answers: [...answers].sort((a, b) => placeOf(questions, a) - placeOf(questions, b)),
      entities: tenant.known().length > 0 ? tenant.known().map(speedOf) : start.entities,
      changes: start.changes,
    };
  };
  for (const question of questions) {
    if (answers.some(({ id }) => id === question.id)) continue;
    tenant.signal.throwIfAborted();
    if (tenant.now() >= until) return surveyOf(false);
    const startedAt = performance.now();
    const answered = answeredOf(
      question,
      await askTenant(question.ask, tenant),
      performance.now() - startedAt,
    );
    answers.push(answered);
    onAnswer(answered);
    await save(surveyOf(false));
  }
  return surveyOf(true);
}

/** The questions that nobody asked yet, for the page. */
export function unasked(questions: readonly Question[], { answers }: Survey): readonly Answered[] {
  const left = questions.filter(({ id }) => !answers.some((answered) => answered.id === id));
  return left.map((question) => answeredOf(question, notAsked('there was no time left'), 0));
}

/** What a new survey keeps of the one before: its tokens are now earlier ones, and the oldest are kept. */
export function keptAnew({ tokens, earlier, ...others }: Kept): Kept {
  return { ...others, tokens: {}, earlier: { ...tokens, ...earlier } };
}

function placeOf(questions: readonly Question[], { id }: Answered): number {
  return questions.findIndex((question) => question.id === id);
}

function answeredOf(question: Question, { verdict, found, entities }: Observation, ms: number): Answered {
  const { id, assumes, how, consequence, concerns } = question;
  const isRefuted = verdict === 'refuted';
  return {
    ...{ id, assumes, how, verdict, found },
    ...(isRefuted && { consequence, kpis: kpisAtRisk(concerns === 'named' ? (entities ?? []) : concerns) }),
    seconds: Math.round(ms / 100) / 10,
  };
}

function speedOf({ entity, list, feed }: Facts): EntitySpeed {
  const seconds = (ms: number) => Math.round(ms / 10) / 100;
  const door = feed && feed.rows > 0 ? feed : list;
  return {
    entity,
    listStatus: list.status,
    listSeconds: seconds(list.ms),
    feedStatus: feed?.status ?? null,
    feedSeconds: feed ? seconds(feed.ms) : null,
    feedRows: feed?.rows ?? null,
    bytesPerRow: door.rows > 0 ? Math.round(door.bytes / door.rows) : null,
  };
}
