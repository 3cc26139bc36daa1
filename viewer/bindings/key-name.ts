/** What a key event says of itself. */
interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
}

/** Letters, digits and signs; Space and the named keys are none (WCAG 2.2, 2.1.4). */
export const isCharacter = ({ key }: Pick<Pressed, 'key'>): boolean => key.length === 1 && key !== ' ';

/** Letters with Shift are named so; signs that need Shift on some keyboards are themselves. */
export const keyName = ({ key, shiftKey }: Pressed): string =>
  shiftKey && /^[a-z]$/i.test(key) ? `shift+${key.toLowerCase()}` : key.toLowerCase();
