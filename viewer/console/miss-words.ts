import type { Translate } from '../locales/translate.ts';

/** Attributes whose values say who somebody is: they are named here, and not shown. */
const IDENTIFYING: ReadonlySet<string> = new Set([
  ...['PatientName', 'PatientID', 'IssuerOfPatientID', 'PatientBirthDate'],
  ...['AccessionNumber', 'StudyID', 'ReferringPhysicianName'],
]);

// As `missText` of services/domain/routing/misses.ts writes them.
const ABSENT = /^(?<attribute>\S+) is absent$/;
const THERE = /^(?<attribute>\S+) is there \((?<value>.*)\)$/s;
const WANTED =
  /^(?<attribute>\S+) (?<value>.*?) (?:is not (?<sign>within|in|<=|>=|<|>)|is not|does not (?<verb>match|contain)) (?<operand>.*)$/s;
const UNWANTED =
  /^(?<attribute>\S+) (?<value>.*?) must not (?:be (?<sign>within|in|<=|>=|<|>)|be|(?<verb>match|contain)) (?<operand>.*)$/s;

/** What a study misses, in the reader's language. */
export function missWords(t: Translate, miss: string): string {
  const absent = ABSENT.exec(miss)?.groups;
  if (absent !== undefined) return t('console.missAbsent', { attribute: absent.attribute ?? '' });
  const there = THERE.exec(miss)?.groups;
  if (there !== undefined) return t('console.missThere', { ...named(t, there) });
  for (const [pattern, key] of [[UNWANTED, 'console.missUnwanted'] as const, [WANTED, 'console.missWanted'] as const]) {
    const { sign, verb, operand = '', ...groups } = pattern.exec(miss)?.groups ?? {};
    if (groups.attribute !== undefined) return t(key, { ...named(t, groups), operator: sign ?? verb ?? 'is', operand });
  }
  // A text of another version: nothing of it is known to be no name.
  return t('console.missOther', { attribute: miss.split(' ')[0] ?? '' });
}

function named(t: Translate, { attribute = '', value = '' }: Readonly<Record<string, string>>) {
  if (IDENTIFYING.has(attribute)) return { attribute, value: t('console.valueHidden') };
  return { attribute, value: value === 'is absent: it' ? t('console.valueAbsent') : t('console.valueIs', { value }) };
}
