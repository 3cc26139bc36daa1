import { type Answer, firstOf } from './answer.ts';
import type { PriorRule } from './watch-file.ts';

/** Regions of the body by words in Body Part Examined and in descriptions, English and Chinese. */
// biome-ignore format: a table
const REGIONS: readonly (readonly [region: string, words: RegExp])[] = [
  ['head',    /HEAD|BRAIN|SKULL|ORBIT|SINUS|CRANI|头|颅|脑/],
  ['neck',    /NECK|CSPINE|CERVIC|THYROID|颈/],
  ['chest',   /CHEST|LUNG|THORA|HEART|CARDIAC|CORONARY|RIB|PULMO|BREAST|胸|肺|心/],
  ['abdomen', /ABD|LIVER|KIDNEY|PANCREA|SPLEEN|腹|肝|肾/],
  ['pelvis',  /PELVI|PROSTAT|BLADDER|UTER|盆/],
  ['spine',   /SPINE|LUMB|LSPINE|TSPINE|脊|腰/],
  ['limb',    /KNEE|HIP\b|ANKLE|FOOT|HAND|WRIST|ELBOW|SHOULDER|FEMUR|TIBIA|ARM\b|LEG\b|膝|踝|足|手|腕|肘|肩/],
];
const WHOLE = /WHOLE ?BODY|全身/;

/** Regions that words speak of; none: not known. */
export function regionsOf(words: readonly string[]): ReadonlySet<string> {
  const text = words.join(' ').toUpperCase();
  const named = REGIONS.filter(([, pattern]) => WHOLE.test(text) || pattern.test(text));
  return new Set(named.map(([region]) => region));
}

/** Of whom and of what the study is that priors are wanted of. */
export interface PriorSubject {
  readonly StudyInstanceUID: string;
  readonly PatientID: string;
  readonly IssuerOfPatientID: string;
  readonly PatientBirthDate: string;
  readonly modalities: readonly string[];
  /** Body parts and descriptions. */
  readonly words: readonly string[];
}

/**
 * The priors that a rule wants, of the answers of a peer: of the same patient beyond doubt, newest first. Those of the same
 * region come before those whose region is not known; those of another are left out.
 */
export function choosePriors(
  rule: Pick<PriorRule, 'same' | 'atMost'>,
  subject: PriorSubject,
  answers: readonly Answer[],
): readonly Answer[] {
  const regions = regionsOf(subject.words);
  const ranked = answers
    .filter((answer) => isSamePatient(subject, answer) && sharesModality(rule, subject, answer))
    .map((answer) => ({ answer, rank: rule.same.includes('bodyRegion') ? regionRank(regions, answer) : 0 }))
    .filter(({ rank }) => rank !== undefined);
  const moment = ({ answer }: { answer: Answer }) => `${firstOf(answer, 'StudyDate')} ${firstOf(answer, 'StudyTime')}`;
  return ranked
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || (moment(a) < moment(b) ? 1 : -1))
    .slice(0, rule.atMost)
    .map(({ answer }) => answer);
}

/** A peer may take an ID for a pattern, or know several issuers: what it answers is looked at again. */
function isSamePatient(subject: PriorSubject, answer: Answer): boolean {
  const agrees = (keyword: 'IssuerOfPatientID' | 'PatientBirthDate') =>
    [subject[keyword], firstOf(answer, keyword)].includes('') || subject[keyword] === firstOf(answer, keyword);
  const isOther = firstOf(answer, 'StudyInstanceUID') !== subject.StudyInstanceUID;
  return (
    isOther &&
    firstOf(answer, 'PatientID') === subject.PatientID &&
    agrees('IssuerOfPatientID') &&
    agrees('PatientBirthDate')
  );
}

function sharesModality({ same }: Pick<PriorRule, 'same'>, { modalities }: PriorSubject, answer: Answer): boolean {
  const theirs = answer.ModalitiesInStudy ?? [];
  return !same.includes('Modality') || theirs.length === 0 || theirs.some((modality) => modalities.includes(modality));
}

/** 0: a region they share; 1: one of them is not known; `undefined`: others. */
function regionRank(regions: ReadonlySet<string>, answer: Answer): number | undefined {
  const parts = answer.BodyPartExamined ?? [];
  const theirs = regionsOf(parts.length > 0 ? parts : (answer.StudyDescription ?? []));
  if (regions.size === 0 || theirs.size === 0) return 1;
  return [...theirs].some((region) => regions.has(region)) ? 0 : undefined;
}
