/**
 * What no name or description needs and what can make one look like another: control characters, marks that turn the
 * direction of what follows, and characters without width. Line ends and tabulators stay, and so do the joiners that
 * Arabic and Indic scripts are written with.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text of a stranger with its unseen characters written out: `⟨202E⟩`. */
export const shownText = (text: string): string =>
  text.replace(UNSEEN, (letter) => `⟨${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

/** For `JSON.parse`: every text of an answer. */
export const shown = (_key: string, value: unknown): unknown => (typeof value === 'string' ? shownText(value) : value);
