import { type RawBuilder, sql } from 'kysely';
import type { Matches } from '../domain/ports.ts';
import {
  allOf,
  dateMatch,
  fuzzyNameMatch,
  type Match,
  matchesText,
  nameMatch,
  numberMatch,
  textMatch,
  timeMatch,
  uidMatch,
} from './attribute-match.ts';
import { NOT_WITHHELD, OWN_REPORTS, seriesNotWithheld } from './own-reports.ts';

type Condition = RawBuilder<unknown>;

/** Newest study first: the order of every search, and of the index `study_newest`. */
export const STUDY_ORDER = sql`study."StudyDate" DESC, study."StudyTime" DESC, study."StudyInstanceUID"`;

/** The series of the study at hand: received ones with their counts, and those of our reports. */
export const SERIES_OF_STUDY = sql`(
  SELECT "SeriesInstanceUID", "Modality", "SeriesNumber", "SeriesDescription", "BodyPartExamined", "FrameOfReferenceUID",
         watermark AS instances
  FROM series WHERE series."StudyInstanceUID" = study."StudyInstanceUID" AND ${seriesNotWithheld('series')}
  UNION ALL
  SELECT "SeriesInstanceUID", 'SR', NULL, '', '', '', count(*)::integer
  FROM ${OWN_REPORTS} own WHERE own."StudyInstanceUID" = study."StudyInstanceUID" GROUP BY "SeriesInstanceUID"
)`;

/** The instances of the series at hand. */
export const INSTANCES_OF_SERIES = sql`(
  SELECT "SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID", "InstanceNumber", "Rows", "Columns", "NumberOfFrames"
  FROM instance
  WHERE instance."StudyInstanceUID" = study."StudyInstanceUID" AND instance."SeriesInstanceUID" = s."SeriesInstanceUID"
    AND ${NOT_WITHHELD}
  UNION ALL
  SELECT "SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID", 1, NULL, NULL, NULL
  FROM ${OWN_REPORTS} own
  WHERE own."StudyInstanceUID" = study."StudyInstanceUID" AND own."SeriesInstanceUID" = s."SeriesInstanceUID"
)`;

// biome-ignore format: a table
const STUDY_MATCHES: Readonly<Record<string, Match>> = {
  StudyInstanceUID:       uidMatch(sql`study."StudyInstanceUID"`),
  PatientName:            nameMatch(sql`study."nameGroups"`),
  PatientID:              textMatch(sql`study."PatientID"`),
  IssuerOfPatientID:      textMatch(sql`study."IssuerOfPatientID"`),
  PatientBirthDate:       dateMatch(sql`study."PatientBirthDate"`),
  PatientSex:             textMatch(sql`study."PatientSex"`),
  StudyDate:              dateMatch(sql`study."StudyDate"`),
  StudyTime:              timeMatch(sql`study."StudyTime"`),
  StudyID:                textMatch(sql`study."StudyID"`),
  AccessionNumber:        textMatch(sql`study."AccessionNumber"`),
  ReferringPhysicianName: nameMatch(sql`name_groups(study."ReferringPhysicianName")`),
  StudyDescription:       textMatch(sql`study."StudyDescription"`),
  ModalitiesInStudy:      (value) => hasSeries({ Modality: value }),
};
// biome-ignore format: a table
const FUZZY_MATCHES: Readonly<Record<string, Match>> = {
  PatientName:            fuzzyNameMatch(sql`study."nameWords"`),
  ReferringPhysicianName: fuzzyNameMatch(sql`name_words(study."ReferringPhysicianName")`),
};
// biome-ignore format: a table
const seriesMatches = (table: string): Readonly<Record<string, Match>> => ({
  SeriesInstanceUID: uidMatch(sql.ref(`${table}.SeriesInstanceUID`)),
  Modality:          textMatch(sql.ref(`${table}.Modality`)),
  SeriesNumber:      numberMatch(sql.ref(`${table}.SeriesNumber`)),
  SeriesDescription: textMatch(sql.ref(`${table}.SeriesDescription`)),
  BodyPartExamined:  textMatch(sql.ref(`${table}.BodyPartExamined`)),
});
// biome-ignore format: a table
const INSTANCE_MATCHES: Readonly<Record<string, Match>> = {
  SOPInstanceUID: uidMatch(sql`i."SOPInstanceUID"`),
  SOPClassUID:    uidMatch(sql`i."SOPClassUID"`),
  InstanceNumber: numberMatch(sql`i."InstanceNumber"`),
};
const SERIES_MATCHES = seriesMatches('s');
/** What a series of our reports has: nothing more than this. */
const OF_REPORTS: Readonly<Record<string, string>> = { Modality: 'SR', SeriesDescription: '', BodyPartExamined: '' };

export function matchesStudy(match: Matches, fuzzy: boolean | undefined): Condition {
  return allOf(fuzzy ? { ...STUDY_MATCHES, ...FUZZY_MATCHES } : STUDY_MATCHES, match);
}

export const matchesSeries = (match: Matches): Condition => allOf(SERIES_MATCHES, match);
export const matchesInstance = (match: Matches): Condition => allOf(INSTANCE_MATCHES, match);

/**
 * Has the study such a series? Said of studies before their series are looked at one by one, so that a search over all of them
 * ends soon where nothing, or little, is found. Reports are asked for only where one could match: a join for each study.
 */
export function hasSeries(match: Matches): Condition {
  const asked = Object.entries(match).filter(([keyword]) => Object.hasOwn(SERIES_MATCHES, keyword));
  if (asked.length === 0) return sql`true`;
  const received = sql`EXISTS (SELECT FROM series known WHERE known."StudyInstanceUID" = study."StudyInstanceUID"
    AND ${allOf(seriesMatches('known'), match)} AND ${seriesNotWithheld('known')})`;
  const mayBeReport = asked.every(
    ([keyword, value]) => keyword === 'SeriesInstanceUID' || matchesText(value, OF_REPORTS[keyword]),
  );
  if (!mayBeReport) return received;
  return sql`(${received} OR EXISTS (SELECT FROM ${OWN_REPORTS} own WHERE own."StudyInstanceUID" = study."StudyInstanceUID"))`;
}

/** Has the study one of these instances? */
export function hasInstance({ SOPInstanceUID }: Matches): Condition {
  if (SOPInstanceUID === undefined) return sql`true`;
  const uids = SOPInstanceUID.split(/[\\,]/);
  return sql`study."StudyInstanceUID" IN (
    SELECT "StudyInstanceUID" FROM instance WHERE "SOPInstanceUID" = ANY(${uids}::text[]) AND ${NOT_WITHHELD}
    UNION ALL SELECT "StudyInstanceUID" FROM ${OWN_REPORTS} own WHERE "SOPInstanceUID" = ANY(${uids}::text[]))`;
}
