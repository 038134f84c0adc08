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
