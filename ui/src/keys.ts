/** The keyboard table of the window: which keys do what, wherever the focus is. It follows from the list of doings. */
import { DOINGS, type Deed } from './deeds';

export type { Deed };

/** What the list calls some keys, and what a browser calls them. */
const NAMES: Record<string, string> = { Esc: 'Escape', Left: 'ArrowLeft' };

const WITH_CTRL = new Map<string, Deed>([
  // A Mac has no Delete key of its own, and plus lies on the key of the equals sign.
  ['Backspace', 'trash'],
  ['=', 'larger'],
]);
/** Those that need Shift beside it. */
const WITH_SHIFT = new Map<string, Deed>();
const LETTERS = new Map<string, Deed>();
const PLAIN = new Map<string, Deed>();
for (const { deed, keys } of DOINGS) {
  for (const key of keys) {
    const held = /^Ctrl (.+)$/.exec(key)?.[1];
    const shifted = /^Shift (.+)$/.exec(held ?? '')?.[1];
    if (shifted) WITH_SHIFT.set(shifted.toLowerCase(), deed);
    else if (held) WITH_CTRL.set(held.length === 1 ? held.toLowerCase() : held, deed);
    else if (key.length === 1) LETTERS.set(key.toLowerCase(), deed);
    else PLAIN.set(NAMES[key] ?? key, deed);
  }
}

/** These belong to the text field that has the focus. */
const TEXT_DEEDS: Deed[] = ['undo', 'redo', 'trash', 'star', 'group', 'tag'];

/** Finds what a key press asks for; nothing if it is none of the window's business. */
export function deedOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  typing: boolean,
  letters: boolean,
): Deed | undefined {
  if (event.altKey) return undefined;
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // On most keyboards plus needs Shift.
    const deed = (event.shiftKey && key !== '+' ? WITH_SHIFT : WITH_CTRL).get(key);
    return deed && typing && TEXT_DEEDS.includes(deed) ? undefined : deed;
  }
  if (typing) return event.key === 'Escape' || event.key === 'F6' ? PLAIN.get(event.key) : undefined;
  return PLAIN.get(event.key) ?? (letters ? LETTERS.get(event.key.toLowerCase()) : undefined);
}

/** Does what a key press asks for. A sheet keeps its keys to itself. */
export function act(event: KeyboardEvent, deeds: Record<Deed, () => void>, letters: boolean): void {
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
  const deed = deedOf(event, isText(event.target), letters);
  if (!deed) return;
  event.preventDefault();
  deeds[deed]();
}

/** Whether somebody writes in it, so that its keys and what is pasted belong to it. */
export function isText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'file'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
