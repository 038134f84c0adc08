/** A device's state in words and as a mark. */
import type { Device } from '../api/types';
import type { IconName } from '../shared/icons';
import { plural, when, whenExactly } from '../shared/format';

/** What the state marks are called in the style sheet: full, half, hollow. */
export type State = 'near' | 'hub' | 'away';

export function stateOf(device: Device): State {
  if (device.this || device.path === 'here' || device.path === 'lan') return 'near';
  return device.path === 'hub' ? 'hub' : 'away';
}

/** How it is reached. */
export function pathOf(device: Device): string {
  if (device.this) return 'here';
  return { near: 'over LAN', hub: 'through your hub', away: 'away' }[stateOf(device)];
}

/** The shortest words for it, beside its mark in the sidebar. */
export function shortOf(device: Device): string {
  if (device.this) return 'here';
  if (stateOf(device) !== 'away')
    return device.behind > 0 ? plural(device.behind, 'change') : pathOf(device).replace('your ', '');
  return device.last_seen ? when(device.last_seen) : 'away';
}

/** A sentence on how far it is. */
export function progressOf(device: Device, contacts: number | undefined): string {
  if (device.this) return contacts === undefined ? 'this device' : plural(contacts, 'contact');
  const waiting =
    device.behind > 0 ? `${plural(device.behind, 'change')} ${device.behind === 1 ? 'waits' : 'wait'} for it` : '';
  if (stateOf(device) !== 'away') return waiting || 'in step';
  const seen = device.last_seen ? `last seen ${whenExactly(device.last_seen)}` : 'not seen yet';
  return [seen, waiting].filter(Boolean).join('. ');
}

/** What the system that a device runs calls itself. */
export function systemOf(platform: string): string {
  return { linux: 'Linux', macos: 'macOS', windows: 'Windows', android: 'Android', ios: 'iOS' }[platform] ?? platform;
}

/** A drawing for what kind of machine it is. */
export function iconOf(device: { platform: string; name: string }): IconName {
  const text = `${device.platform} ${device.name}`.toLowerCase();
  if (/tablet|ipad/.test(text)) return 'tablet';
  if (/android|ios|iphone|phone|mobile/.test(text)) return 'mobile';
  if (/nas|server/.test(text)) return 'server';
  if (/laptop|book/.test(text)) return 'laptop';
  return 'desktop';
}
