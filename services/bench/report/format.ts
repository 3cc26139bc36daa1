/** A number for eyes, `–` where there is none. */
export const fixed = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(digits);

export const percent = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${(value * 100).toFixed(0)} %`;

/** With its sign: what a difference needs. */
export function signed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined) return '–';
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
}

export const interval = (
  bounds: { readonly low: number; readonly high: number } | null | undefined,
  digits: number,
): string => (bounds ? `${fixed(bounds.low, digits)} – ${fixed(bounds.high, digits)}` : '–');

/** `1 scan`, `2 scans`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** 1/8, 1/4, 1/2, 1 … as LUNA16 writes its rates. */
export function rateText(rate: number): string {
  const inverse = 1 / rate;
  return rate < 1 && Math.abs(inverse - Math.round(inverse)) < 1e-9 && [2, 4, 8].includes(Math.round(inverse))
    ? `1/${Math.round(inverse)}`
    : String(rate);
}
