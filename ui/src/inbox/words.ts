/** How long an update can be put off, and how one that was settled stands. */
import type { SettledUpdate } from '../api/types';

export const WAITS = [
  { wait: '1h', text: 'In an hour' },
  { wait: '8h', text: 'In eight hours' },
  { wait: '1d', text: 'Tomorrow at this time' },
  { wait: '1w', text: 'In a week' },
] as const;

/** How long, where nothing is said. */
export const WAIT = '1d';

const SETTLED: Record<string, string> = { accepted: 'you accepted', automatic: 'taken by itself', refused: 'refused', mixed: 'accepted in part' };

export const settledText = ({ state }: SettledUpdate): string => SETTLED[state] ?? state;
