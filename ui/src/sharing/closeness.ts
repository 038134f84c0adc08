/** Closeness: how often there was something to do with people, as the slider shows it, and how fresh that is. */
import type { Freshness, InteractionCount } from '../api/types';
import { when } from '../shared/format';

/** What is counted. */
export const KINDS = ['call', 'message', 'mail'] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_TEXT: Record<Kind, string> = { call: 'calls', message: 'messages', mail: 'mails' };

/** The windows that are offered, in days. */
export const WINDOWS = [
  { days: 30, text: 'last month' },
  { days: 90, text: 'last 3 months' },
  { days: 180, text: 'last 6 months' },
  { days: 365, text: 'last year' },
  { days: 730, text: 'last 2 years' },
] as const;

/** The thresholds of the slider, as far as anybody reaches them, and one further. */
export function stepsTo(most: number): number[] {
  const reached = STEPS.filter((step) => step <= most);
  const next = STEPS[reached.length];
  return next === undefined || reached.length >= STEPS_LEAST ? reached : STEPS.slice(0, STEPS_LEAST);
}

/** How often there was something to do with somebody, of these kinds; none means all. */
export function countOf(one: InteractionCount, kinds: readonly string[]): number {
  if (kinds.length === 0) return one.count;
  const of: Record<string, number> = { call: one.calls, message: one.messages, mail: one.mails };
  return kinds.reduce((sum, kind) => sum + (of[kind] ?? 0), 0);
}

/** How many people lie between each threshold and the next. */
export function barsOf(counts: number[], steps: number[]): number[] {
  return steps.map((step, at) => counts.filter((count) => count >= step && count < (steps[at + 1] ?? Infinity)).length);
}

/** A number of times in a window, as one says it: `weekly`, `most days`. */
export function oftenText(times: number, days: number): string {
  const perDay = times / days;
  const found = OFTEN.find(([least]) => perDay >= least);
  return times <= 1 ? 'once' : (found?.[1] ?? 'now and then');
}

/** Until when what is known reaches, of the kinds that count. */
export function freshText(freshness: Freshness, kinds: readonly string[], now = new Date()): string {
  const known: Record<Kind, string | undefined> = { call: freshness.calls, message: freshness.messages, mail: freshness.mails };
  const wanted = KINDS.filter((kind) => kinds.length === 0 || kinds.includes(kind));
  const has = wanted.filter((kind) => known[kind] !== undefined);
  const lacks = wanted.filter((kind) => known[kind] === undefined).map((kind) => KIND_TEXT[kind]);
  if (has.length === 0) return `No ${lacks.join(', ').replace(/, ([^,]*)$/, ' or $1')} were read yet.`;
  const fresh = has.map((kind) => `${KIND_TEXT[kind]} until ${when(known[kind] ?? '', now)}`).join(', ');
  return `Known are ${fresh}${lacks.length > 0 ? `; no ${lacks.join(', ')}` : ''}.`;
}

const STEPS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1_000];
/** The slider has room for at least so many. */
const STEPS_LEAST = 8;
/** The least times a day for each word. */
const OFTEN: [number, string][] = [[0.6, 'most days'], [0.12, 'weekly'], [0.03, 'monthly']];
