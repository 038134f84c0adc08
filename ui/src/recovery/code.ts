/** The recovery code as people see and type it. */

/** The groups as they came, or of four where the code came in one piece. */
export function groupsOf(code: string): string[] {
  const given = code.trim().split(/[\s-]+/);
  return given.length > 1 ? given : (code.match(/.{1,4}/g) ?? []);
}

/** Whether what was typed is this group. Case does not matter, O is read as 0, I and L as 1. */
export function sameGroup(typed: string, group: string): boolean {
  return plain(typed) === plain(group);
}

/** Two different places out of `count`, in order; `random` gives numbers from 0 up to 1. */
export function twoOf(count: number, random: () => number = Math.random): [number, number] {
  const first = Math.floor(random() * count);
  const second = (first + 1 + Math.floor(random() * (count - 1))) % count;
  return first < second ? [first, second] : [second, first];
}

/** "first", "second" and so on, for groups of a code. */
export function ordinal(at: number): string {
  return ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh'][at] ?? `${at + 1}th`;
}

function plain(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}
