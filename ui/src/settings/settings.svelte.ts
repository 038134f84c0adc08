/** What this window remembers for itself: its theme, and whether single letters are shortcuts. */

export type Theme = 'system' | 'light' | 'dark';

export class Settings {
  #theme = $state<Theme>(read('theme', ['system', 'light', 'dark']));
  #letters = $state(read('letters', ['on', 'off']) === 'on');

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
function read<T extends string>(name: string, allowed: [T, ...T[]]): T {
  try {
    const found = localStorage.getItem(PREFIX + name);
    return allowed.find((value) => value === found) ?? allowed[0];
  } catch {
    return allowed[0];
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Without storage the choice lasts as long as the window.
  }
}

const PREFIX = 'kith.';
