/**
 * How the window talks to the hub: one call, typed by the command list, and one stream of events.
 * There are two implementations, `tauri.ts` for life and `mock.ts` for a browser and the tests.
 */
import type { Drag } from '../shared/dropped';
import type { Commands, Event, Error as Refusal } from './types';

export type { Refusal };

/** The name of a command. */
export type Name = keyof Commands;
/** What a command asks. */
export type Request<N extends Name> = Commands[N][0];
/** What a command answers. */
export type Answer<N extends Name> = Commands[N][1];

export interface Client {
  /** Asks the hub; rejects with a `Refusal`. */
  call<N extends Name>(name: N, args: Request<N>): Promise<Answer<N>>;
  /** Hears every event until the returned function is called. */
  onEvent(callback: (event: Event) => void): Promise<() => void>;
  /** Hears which page the shell wants to show; absent where there is no shell. */
  onPage?(callback: (page: string) => void): Promise<() => void>;
  /** Where a file of this name goes unless the person says otherwise; absent where a path means nothing. */
  exportPath?(name: string): Promise<string>;
  /** Where a file of this name waits while it is dragged out of the window; absent or rejected where there is no such place. */
  dragPath?(name: string): Promise<string>;
  /** Hands out what the app was opened with, once: whole paths of files, tel: and mailto: links. */
  opened?(): Promise<string[]>;
  /** Hears that something was opened. */
  onOpened?(callback: () => void): Promise<() => void>;
  /**
   * Hears of files that are dragged over the window and dropped there, and why they cannot be read; absent where the page hears of them by
   * itself.
   */
  onDrag?(callback: (drag: Drag) => void, failed: (why: string) => void): Promise<() => void>;
  /** How the app behaves on this computer. */
  habits?: HabitsClient;
  /** Draws everything this much larger than usual; absent where the browser does that. */
  zoom?(factor: number): Promise<void>;
}

/** How the app behaves on this computer, as the shell keeps it. */
export interface Habits {
  /** It starts hidden when the person logs in. */
  at_login: boolean;
  /** Closing the window leaves it in the tray. */
  stay: boolean;
}

export interface HabitsClient {
  look(): Promise<Habits>;
  /** Chooses, and answers what is chosen then. */
  choose(habits: Habits): Promise<Habits>;
}

/** Reads whatever was thrown as a refusal, so that callers branch on one shape. */
export function refusal(thrown: unknown): Refusal {
  if (isRefusal(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message };
}

function isRefusal(thrown: unknown): thrown is Refusal {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown;
}
