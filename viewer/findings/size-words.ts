/** A size for a message that says it only where there is one: a finding on a single image has none. */
export const sizeValue = (mm: number | null): string => (mm === null ? 'none' : mm.toFixed(1));

/** Behind something else; nothing where there is no size. */
export const sizeBehind = (mm: number | null): string => (mm === null ? '' : ` · ${mm.toFixed(1)} mm`);
