import type { MessageKey } from './en.ts';

/** A message in the language of the screen. */
export type Translate = (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;
