/**
 * What is being dragged within the window: some ids, and what other programs make of it. Whoever a drag hangs over is told before it is
 * dropped, which the browser's own data does not allow.
 */
class Dragged {
  ids = $state.raw<string[]>([]);

  /** Begins a drag of these; other programs get the data, by type. Some webviews drag nothing that has none. */
  start(event: DragEvent, ids: string[], data: readonly [type: string, data: string][]): void {
    this.ids = ids;
    if (!event.dataTransfer) return;
    event.dataTransfer.effectAllowed = 'copyMove';
    for (const [type, text] of data) event.dataTransfer.setData(type, text);
  }

  end(): void {
    this.ids = [];
  }
}

export const dragged = new Dragged();

/** Takes what is dropped on an element, if it takes anything; while something hangs over it, it bears `data-over`. */
export function dropTarget(node: HTMLElement, take: ((ids: string[]) => void) | undefined) {
  let accept = take;
  const over = (event: DragEvent) => {
    if (dragged.ids.length === 0 || !accept) return;
    event.preventDefault();
    event.stopPropagation();
    node.dataset.over = 'true';
  };
  const leave = () => delete node.dataset.over;
  const drop = (event: DragEvent) => {
    leave();
    if (dragged.ids.length === 0 || !accept) return;
    event.preventDefault();
    event.stopPropagation();
    accept(dragged.ids);
    dragged.end();
  };
  node.addEventListener('dragover', over);
  node.addEventListener('dragleave', leave);
  node.addEventListener('drop', drop);
  return {
    update(next: typeof take) {
      accept = next;
    },
    destroy() {
      node.removeEventListener('dragover', over);
      node.removeEventListener('dragleave', leave);
      node.removeEventListener('drop', drop);
    },
  };
}
