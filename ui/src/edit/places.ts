/** The order of several values of one name: moved by hand, sent once, and followed when another device moved them. */
import type { Line } from './lines';

/** Whether a line has a place of its own among those of its name: what another source says stands after them. */
export const isMovable = (line: Line): boolean => line.layer === 'mine';

/** The lines with one of them moved past so many others of its name; the same ones where it cannot go there. */
export function moved(lines: Line[], key: number, by: number): Line[] {
  const line = lines.find((one) => one.key === key);
  if (!line || !isMovable(line)) return lines;
  const alike = lines.filter((one) => one.name === line.name && isMovable(one));
  const to = alike.indexOf(line) + by;
  if (by === 0 || to < 0 || to >= alike.length) return lines;
  return arranged(lines, alike.toSpliced(alike.indexOf(line), 1).toSpliced(to, 0, line));
}

/** The lines in the order of a card, but for names that were moved here. New lines stay behind those of their name. */
export function following(lines: Line[], ids: readonly string[], except: ReadonlySet<string>): Line[] {
  const place = ({ id }: Line) => (id === undefined ? ids.length : ids.indexOf(id));
  const names = new Set(lines.map(({ name }) => name).filter((name) => !except.has(name)));
  let all = lines;
  for (const name of names) {
    const alike = all.filter((line) => line.name === name);
    all = arranged(all, alike.toSorted((a, b) => place(a) - place(b)));
  }
  return all;
}

/** What to send so that the card has the order of the lines: the ids of every name that stands otherwise there. */
export function orderOf(lines: Line[], ids: readonly string[], names: ReadonlySet<string>): string[] {
  return [...names].flatMap((name) => {
    const wanted = lines.filter((line) => line.name === name && isMovable(line)).flatMap(({ id }) => id ?? []);
    const there = ids.filter((id) => wanted.includes(id));
    return wanted.every((id, at) => id === there[at]) ? [] : wanted;
  });
}

/** The lines with these in the places that they have together. */
function arranged(lines: Line[], wanted: Line[]): Line[] {
  const rest = [...wanted];
  return lines.map((line) => (wanted.includes(line) ? (rest.shift() ?? line) : line));
}
