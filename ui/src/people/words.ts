/** How a link stands, in words. */
import type { Link } from '../api/types';

export function stateText(link: Link): string {
  if (link.state === 'ended-here') return 'You ended this link';
  if (link.state === 'ended-there') return 'They ended this link';
  if (link.blocked) return 'Blocked: nothing is sent, nothing is taken';
  const known = { 'in-person': 'verified face to face', words: 'verified by words' }[link.verified_by] ?? 'not verified yet';
  return [known, ...(link.household ? ['lives with you'] : []), ...(link.muted ? ['muted'] : [])].join(', ');
}

export const isLinked = (link: Link): boolean => link.state === 'linked';

/** What becomes of updates, and how it is said. */
export const POLICIES = [
  { value: 'automatic', text: 'by themselves' },
  { value: 'ask', text: 'ask me first' },
  { value: 'unmetered', text: 'on unmetered networks' },
  { value: 'refuse', text: 'not at all' },
] as const;

/** Unless anything was said. */
export const POLICY_AT_FIRST = 'automatic';

export const policyText = (policy: string): string => POLICIES.find(({ value }) => value === policy)?.text ?? policy;

/** The fields of which something can be said on their own. */
export const POLICY_FIELDS = ['FN', 'TEL', 'EMAIL', 'ADR', 'PHOTO', 'ORG', 'TITLE', 'BDAY', 'URL', 'X-KITH-STATUS'];
