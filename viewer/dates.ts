/** `YYYYMMDD` (PS3.5 §6.2, DA) as `YYYY-MM-DD`; anything else as it is. */
export const isoDate = (value: string): string => value.replace(/^(\d{4})\.?(\d{2})\.?(\d{2})$/, '$1-$2-$3');

/** `HHMMSS.F` (TM) as `HH:MM`. */
export const clockTime = (value: string): string => value.replace(/^(\d{2}):?(\d{2}).*$/, '$1:$2');

/** Whole years, months, weeks or days of a PatientAge (AS), or from birth to the study. */
export interface Age {
  readonly value: number;
  readonly unit: 'Y' | 'M' | 'W' | 'D';
}

export function patientAge(PatientAge: string, PatientBirthDate: string, StudyDate: string): Age | undefined {
  const stated = /^(\d{1,3})([YMWD])$/.exec(PatientAge);
  if (stated?.[1] && stated[2]) return { value: Number(stated[1]), unit: stated[2] as Age['unit'] };
  const [birth, study] = [Number(PatientBirthDate), Number(StudyDate)];
  if (!/^\d{8}$/.test(PatientBirthDate) || !/^\d{8}$/.test(StudyDate) || study < birth) return undefined;
  return { value: Math.floor((study - birth) / 10_000), unit: 'Y' };
}

/** `4 s`, `12:31`, `3:05:10`, `2 d`: short enough for a column, unambiguous without a language. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** `0:42`, `12:31`, `5 h 07`, `3 d`: how long somebody waits, where seconds are of no account after an hour. */
export function waited(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return hours > 0 ? `${hours} h ${two(minutes)}` : `${minutes}:${two(whole % 60)}`;
}
