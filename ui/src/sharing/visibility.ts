/** Who may see a property of my card, in words, and what becomes of that when something is chosen. */
import type { Named } from '../api/types';
import { plural } from '../shared/format';

/** What own devices say: one list each where they differ, and then all of it must hold. */
export type Visible = readonly (readonly string[])[];

/** `everyone`, `only you`, `Family or climbing`, `Family and 2 people`. */
export function visibleText(visible: Visible, groups: Named[], tags: Named[]): string {
  const said = visible.map((who) => listText(who, groups, tags));
  return said.length === 0 ? 'everyone' : said.join(', and also ');
}

function listText(who: readonly string[], groups: Named[], tags: Named[]): string {
  if (who.includes('everyone')) return 'everyone';
  if (who.length === 0 || who.includes('nobody')) return 'only you';
  const named = (kind: string, all: Named[]) =>
    who.filter((one) => one.startsWith(`${kind}:`)).map((one) => all.find(({ id }) => one === `${kind}:${id}`)?.name ?? `a ${kind} that is gone`);
  const people = who.filter((one) => one.startsWith('contact:')).length;
  return [...named('group', groups), ...named('tag', tags), ...(people > 0 ? [plural(people, 'person', 'people')] : [])].join(' or ');
}

/** Takes a group, a tag or a person in, or out again; with nobody left it is for nobody. */
export function toggled(visible: Visible, one: string): string[] {
  const said = [...new Set(visible.flat())].filter((who) => who !== 'everyone' && who !== 'nobody');
  const next = said.includes(one) ? said.filter((who) => who !== one) : [...said, one];
  return next.length === 0 ? ['nobody'] : next;
}

/** Whether it is chosen as it stands. */
export const says = (visible: Visible, one: string): boolean => visible.some((who) => who.includes(one));
