/** The hub behind the desktop shell. The only file of the window that knows Tauri. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { homeDir, join, runtimeDir } from '@tauri-apps/api/path';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import type { Client } from './client';
import type { Event } from './types';

/** Whether the page runs in the desktop shell. */
export const inTauri = (): boolean => '__TAURI_INTERNALS__' in window;

export const tauri: Client = {
  call: (name, args) => invoke('call', { command: { name, args } }),
  onEvent: (callback) => listen<Event>('kith', (message) => callback(message.payload)),
  onPage: (callback) => listen<string>('kith-page', (message) => callback(message.payload)),
  exportPath: async (name) => join(await homeDir(), name),
  // The session's own folder: in memory, nobody else's, gone at the end of the session. Only Linux has one.
  dragPath: async (name) => join(await runtimeDir(), name),
  opened: () => invoke('opened'),
  onOpened: (callback) => listen('kith-opened', callback),
  habits: { look: () => invoke('habits'), choose: (habits) => invoke('choose_habits', { habits }) },
  zoom: (factor) => getCurrentWebview().setZoom(factor),
};
