import { expect, test } from 'vitest';
import type { SafetyEntry } from '../api/types';
import { changesText } from './words';

test('what somebody can change is one sentence', () => {
  const entry: SafetyEntry = { kind: 'device', id: '1', name: 'Laptop', sees: '', changes: 'Everything, and which devices there are.', fields: [], remedy: '' };
  expect(changesText(entry)).toBe('Changes everything, and which devices there are.');
  expect(changesText({ ...entry, changes: '' })).toBe('Changes nothing.');
});
