import type { Refusal } from '../client';
import type { Code } from '../types';

/** Refuses a command, as the hub does. */
export function refuse(code: Code, message: string): never {
  const refusal: Refusal = { code, message };
  throw refusal;
}
