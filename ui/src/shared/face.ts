/** What stands in for a photo. */

const TINTS = 8;

/** One Han character, or the first letters of the first and the last word. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  if (first === undefined) return '';
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const letter = (word: string) => [...word].find((character) => /[\p{L}\p{N}]/u.test(character)) ?? '';
  if (/[\p{Script=Han}\p{Script=Hangul}]/u.test(letter(first))) return letter(first);
  return (letter(first) + (last ? letter(last) : '')).toLocaleUpperCase();
}

/** One of eight tints, the same for an id on every device. */
export function tint(id: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 16_777_619);
  return ((hash >>> 0) % TINTS) + 1;
}
