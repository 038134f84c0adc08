/** Opens the window on the hub: the one behind the desktop shell, or in development one that lives in memory. */
import './look/tokens.css';
import './look/components.css';
import { mount } from 'svelte';
import type { Client } from './api/client';
import { inTauri, tauri } from './api/tauri';
import Root from './App.svelte';

async function connect(): Promise<Client | undefined> {
  if (inTauri()) return tauri;
  if (import.meta.env.DEV) return (await import('./api/mock')).mockFor(new URLSearchParams(location.search));
  return undefined;
}

void connect().then((client) => {
  const target = document.body;
  if (client) mount(Root, { target, props: { client } });
  else target.textContent = 'This page belongs to the Kith window. Start Kith to see your book.';
});
