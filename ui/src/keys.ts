/** The keyboard table of the window: which keys do what, wherever the focus is. */

export type Deed =
  | 'search'
  | 'add'
  | 'edit'
  | 'leave'
  | 'save'
  | 'undo'
  | 'trash'
  | 'inbox'
  | 'everyone'
  | 'favourites'
  | 'star'
  | 'group'
  | 'tag'
  | 'devices'
  | 'accounts'
  | 'duplicates'
  | 'settings'
  | 'pane'
  | 'list';

const WITH_CTRL: Record<string, Deed> = {
  f: 'search',
  n: 'add',
  s: 'save',
  z: 'undo',
  d: 'star',
  g: 'group',
  t: 'tag',
  Delete: 'trash',
  Backspace: 'trash',
  '1': 'inbox',
  '2': 'everyone',
  '3': 'favourites',
  '4': 'devices',
  '6': 'accounts',
  '7': 'duplicates',
  ',': 'settings',
};
/** These belong to the text field that has the focus. */
const TEXT_DEEDS: Deed[] = ['undo', 'trash', 'star', 'group', 'tag'];
const LETTERS: Record<string, Deed> = { e: 'edit', '/': 'search' };
const PLAIN: Record<string, Deed> = { Escape: 'leave', F6: 'pane', ArrowLeft: 'list' };

/** Finds what a key press asks for; nothing if it is none of the window's business. */
export function deedOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  typing: boolean,
  letters: boolean,
): Deed | undefined {
  if (event.altKey) return undefined;
  if (event.ctrlKey || event.metaKey) {
    if (event.shiftKey) return undefined;
    const deed = WITH_CTRL[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    return deed && typing && TEXT_DEEDS.includes(deed) ? undefined : deed;
  }
  if (typing) return event.key === 'Escape' || event.key === 'F6' ? PLAIN[event.key] : undefined;
  return PLAIN[event.key] ?? (letters ? LETTERS[event.key.toLowerCase()] : undefined);
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
