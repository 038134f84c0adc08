/** How long what was thrown away still waits. */
import { plural } from '../shared/format';

/** Full days until a contact that was thrown away at this time goes for good; nothing if the time is unknown. */
export function daysLeft(since: string, now = new Date()): number | undefined {
  const time = new Date(since).getTime();
  if (Number.isNaN(time)) return undefined;
  return Math.max(0, Math.min(TRASH_DAYS, Math.ceil((time + TRASH_DAYS * DAY_MS - now.getTime()) / DAY_MS)));
}

/** The same in words. */
export function leavesText(since: string, now = new Date()): string {
  const days = daysLeft(since, now);
  if (days === undefined) return '';
  return days === 0 ? 'may go any time' : `${plural(days, 'day')} left`;
}

const DAY_MS = 86_400_000;
/** The hub empties the trash after this. */
const TRASH_DAYS = 30;
