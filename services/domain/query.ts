import type { AttributeRow } from './ports.ts';

/** Levels of the hierarchy of stored objects, from the top (PS3.4 §C.3.1). */
export const QUERY_LEVELS = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'] as const;
export type QueryLevel = (typeof QUERY_LEVELS)[number];

/** Root of a hierarchy of information (PS3.4 §C.6). */
export type InformationModel = 'patient root' | 'study root' | 'patient/study only';

/** A search over what is held, as the standard lets it be asked (PS3.4 §C.2.2.2). */
export interface Query {
  readonly level: QueryLevel;
  /** By keyword: one of the values must match. Wildcards, ranges and UIDs as the standard writes them. */
  readonly match: Readonly<Record<string, readonly string[]>>;
  /** Keywords that are answered: what nobody wants is not counted. */
  readonly wanted: ReadonlySet<string>;
  /** Names are matched by the beginnings of their words. */
  readonly fuzzy: boolean;
  /** A range of dates and a range of times are one range of moments (PS3.4 §C.2.2.2.5.4). */
  readonly combinedDateTime: boolean;
}

/** An instance that can be sent. */
export interface HeldInstance {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly TransferSyntaxUID: string;
  /** Part 10 file; our own reports are written when first asked for. */
  file(): Promise<string>;
}

/** Keywords of the unique keys, each with the UIDs or the ID asked for. */
export type UniqueKeys = Readonly<Record<string, readonly string[]>>;

/** What a query or retrieval asks of the store. */
export interface HeldObjects {
  /** Matches in batches, the first one small. Nothing is held between two of them: the reader may take its time. */
  find(query: Query): AsyncGenerator<readonly AttributeRow[]>;
  /** The instances below the keys by series and instance number; at most `limit`. */
  instances(keys: UniqueKeys, limit: number): Promise<readonly HeldInstance[]>;
}
