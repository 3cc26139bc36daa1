import type { Language } from '../locales/languages.ts';

/** A moment of the server in the time of this computer, to the minute. */
export const momentIn = (language: Language, moment: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(moment));
