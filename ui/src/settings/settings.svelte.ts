/** What this window remembers for itself: its theme, its size, and whether single letters are shortcuts. */

export type Theme = 'system' | 'light' | 'dark';

export class Settings {
  #theme = $state<Theme>(choice('theme', ['system', 'light', 'dark']));
  #zoom = $state(zoomOf(read('zoom')));
  #letters = $state(choice('letters', ['on', 'off']) === 'on');

  constructor() {
    this.#paint();
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    write('theme', theme);
    this.#paint();
  }

  /** Whether it is dark now, by choice or by the system's. */
  get dark(): boolean {
    return this.#theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : this.#theme === 'dark';
  }

  /** How large everything is drawn; 1 is as usual. */
  get zoom(): number {
    return this.#zoom;
  }

  /** One step larger or smaller, or, by nothing, as usual. */
  stepZoom(by: number): void {
    const at = ZOOMS.findIndex((zoom) => zoom >= this.#zoom);
    this.#zoom = by === 0 ? 1 : (ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, at + by))] ?? 1);
    write('zoom', String(this.#zoom));
  }

  /** Single letters act outside text fields. */
  get letters(): boolean {
    return this.#letters;
  }

  set letters(on: boolean) {
    this.#letters = on;
    write('letters', on ? 'on' : 'off');
  }

  #paint(): void {
    const { dataset } = document.documentElement;
    if (this.#theme === 'system') delete dataset.theme;
    else dataset.theme = this.#theme;
  }
}

/** A remembered choice; the first of those allowed where there is none. */
function choice<T extends string>(name: string, allowed: [T, ...T[]]): T {
  const found = read(name);
  return allowed.find((value) => value === found) ?? allowed[0];
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** A remembered size, if it is one. */
const zoomOf = (text: string | null): number => ZOOMS.find((zoom) => String(zoom) === text) ?? 1;

function write(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Without storage the choice lasts as long as the window.
  }
}

const PREFIX = 'kith.';
/** The sizes, from half to twice. */
const ZOOMS = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];
