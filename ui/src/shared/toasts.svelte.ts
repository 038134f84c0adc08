/**
 * The short notes at the foot of the window, most of them with an undo. A new one takes the place of the last:
 * its undo would no longer take back what it says. What went wrong stays beside it. When the page turns, those go that only say
 * something: what they speak of is no longer in view.
 */

export interface Toast {
  id: number;
  text: string;
  stop: boolean;
  action?: { text: string; run: () => void };
}

export class Toasts {
  list = $state.raw<Toast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Says something for a while. */
  say(text: string, action?: Toast['action']): void {
    this.#add({ id: this.#next++, text, stop: false, action });
  }

  /** Says what went wrong, for longer. */
  fail(text: string): void {
    this.#add({ id: this.#next++, text, stop: true });
  }

  /** The page has turned. */
  turned(): void {
    for (const { id, stop, action } of this.list) if (!stop && !action) this.close(id);
  }

  close(id: number): void {
    this.hold(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** Keeps a note while somebody reads it. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  /** Lets a note go after its time. */
  release(toast: Toast): void {
    this.hold(toast.id);
    this.#timers.set(
      toast.id,
      setTimeout(() => this.close(toast.id), toast.stop ? FAIL_MS : SAY_MS),
    );
  }

  #add(toast: Toast): void {
    const stays = toast.stop ? this.list : this.list.filter((old) => old.stop);
    const kept = stays.slice(-(SHOWN_MAX - 1));
    for (const old of this.list) if (!kept.includes(old)) this.close(old.id);
    this.list = [...this.list, toast];
    this.release(toast);
  }
}

const SHOWN_MAX = 3;
const SAY_MS = 8_000;
const FAIL_MS = 20_000;
