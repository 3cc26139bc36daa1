const HOUR_MS = 3_600_000;

/** `YYYYMMDD` where this machine stands: archives write dates as the clock on their wall shows them. */
function dayOf(moment: Date): string {
  const [year, month, day] = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()];
  return `${String(year).padStart(4, '0')}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`;
}

/** `YYYYMMDD-`: studies since so many hours before a moment. Without an end: a clock that is ahead is no reason to miss one. */
export const daysSince = (moment: Date, hours: number): string =>
  `${dayOf(new Date(moment.getTime() - hours * HOUR_MS))}-`;

/**
 * `YYYYMMDD-YYYYMMDD`: so many years up to the day before a day; `undefined` when that is none. What is of the same day may be
 * on its way to us as a study of its own.
 */
export function yearsBefore(day: string, years: number): string | undefined {
  const [, year, month, date] = /^(\d{4})(\d{2})(\d{2})$/.exec(day) ?? [];
  if (year === undefined) return undefined;
  const at = (before: number) => new Date(Number(year), Number(month) - 1, Number(date) - before);
  return `${dayOf(at(Math.ceil(years * 365.25)))}-${dayOf(at(1))}`;
}
