/** Text that is markup already. Anything else is escaped where it is put in. */
export interface Html {
  readonly html: string;
}

type Piece = Html | string | number | undefined | null | false | readonly Html[];

/** A piece of HTML or SVG; what is put in is text unless it is `Html` itself. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  return {
    html: strings.reduce((text, part, at) => text + part + (at < values.length ? pieceText(values[at]) : ''), ''),
  };
}

/** Markup of our own making: styles, scripts. Never from outside. */
export const trusted = (text: string): Html => ({ html: text });

function pieceText(piece: Piece): string {
  if (piece === undefined || piece === null || piece === false) return '';
  if (typeof piece === 'object') return 'html' in piece ? piece.html : piece.map((one) => one.html).join('');
  return String(piece).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** JSON inside a script element: no `<` can end it. */
export const embeddedJson = (value: unknown): Html => trusted(JSON.stringify(value).replaceAll('<', '\\u003c'));
