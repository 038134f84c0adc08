/**
 * Files that the shell hears of for the page, where the webview does not tell it. They are played to the page as the events that a browser
 * would send, so that whatever takes dropped files takes these.
 */

/** What a drag over the window does; places are shares of its width and height. */
export type Drag = { kind: 'over'; x: number; y: number } | { kind: 'left' } | { kind: 'dropped'; x: number; y: number; files: File[] };

/** What a file of this name is taken for: pictures by their endings, anything else by what is in it. */
export function typeOf(name: string): string {
  const [, ending = ''] = /\.(png|jpe?g|gif|webp)$/i.exec(name) ?? [];
  return ending && `image/${ending.toLowerCase().replace('jpg', 'jpeg')}`;
}

let last: Element | undefined;

/** Plays what a drag does to the element under it. */
export function playDrag(drag: Drag): void {
  if (drag.kind === 'left') return leave();
  const at = { clientX: drag.x * window.innerWidth, clientY: drag.y * window.innerHeight };
  const under = document.elementFromPoint(at.clientX, at.clientY) ?? document.body;
  if (under !== last) leave();
  last = under;
  // While files hang over the page, it knows that they are files and nothing else.
  const files = drag.kind === 'dropped' ? drag.files : [new File([], '')];
  const dataTransfer = new DataTransfer();
  for (const file of files) dataTransfer.items.add(file);
  const kind = drag.kind === 'dropped' ? 'drop' : 'dragover';
  under.dispatchEvent(new DragEvent(kind, { ...at, dataTransfer, bubbles: true, cancelable: true }));
  if (drag.kind === 'dropped') last = undefined;
}

function leave(): void {
  last?.dispatchEvent(new DragEvent('dragleave', { bubbles: true }));
  last = undefined;
}
