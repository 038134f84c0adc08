/** The hub behind the desktop shell. The only file of the window that knows Tauri. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { homeDir, join, runtimeDir } from '@tauri-apps/api/path';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { typeOf, type Drag } from '../shared/dropped';
import type { Client } from './client';
import type { Event } from './types';

/** Whether the page runs in the desktop shell. */
export const inTauri = (): boolean => '__TAURI_INTERNALS__' in window;

/** What the shell tells of a drag: files by their names. */
type Told = Exclude<Drag, { kind: 'dropped' }> | { kind: 'dropped'; x: number; y: number; names: string[] };

/** Reads the files of a drop. */
async function heard(told: Told): Promise<Drag> {
  if (told.kind !== 'dropped') return told;
  const { names, ...at } = told;
  const files = names.map(async (name, place) => new File([await invoke<ArrayBuffer>('dropped', { place })], name, { type: typeOf(name) }));
  return { ...at, files: await Promise.all(files) };
}

export const tauri: Client = {
  call: (name, args) => invoke('call', { command: { name, args } }),
  onEvent: (callback) => listen<Event>('kith', (message) => callback(message.payload)),
  onPage: (callback) => listen<string>('kith-page', (message) => callback(message.payload)),
  exportPath: async (name) => join(await homeDir(), name),
  // The session's own folder: in memory, nobody else's, gone at the end of the session. Only Linux has one.
  dragPath: async (name) => join(await runtimeDir(), name),
  opened: () => invoke('opened'),
  onOpened: (callback) => listen('kith-opened', callback),
  onDrag: (callback, failed) =>
    listen<Told>('kith-dropped', (message) => void heard(message.payload).then(callback, (why) => failed(String(why)))),
  habits: { look: () => invoke('habits'), choose: (habits) => invoke('choose_habits', { habits }) },
  zoom: (factor) => getCurrentWebview().setZoom(factor),
};
