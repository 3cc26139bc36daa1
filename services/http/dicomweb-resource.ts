import type { Request } from 'express';
import { z } from 'zod';
import { SeriesKey, StudyKey } from '../domain/study.ts';
import { Uid } from '../domain/uid.ts';

export const STUDIES = '/dicomweb/studies';
export const STUDY = `${STUDIES}/:StudyInstanceUID`;
export const SERIES = `${STUDY}/series/:SeriesInstanceUID`;
export const INSTANCE = `${SERIES}/instances/:SOPInstanceUID`;

export const InstanceKey = z.strictObject({ ...SeriesKey.shape, SOPInstanceUID: Uid });

/** A study, a series or one instance, as the path names it. */
export interface Target {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID?: string;
  readonly SOPInstanceUID?: string;
}

/** The three resources that hold instances, and what their path names. */
// biome-ignore format: a table
export const TARGETS: readonly (readonly [path: string, targetOf: (req: Request) => Target])[] = [
  [STUDY,    (req) => StudyKey.parse(req.params)],
  [SERIES,   (req) => SeriesKey.parse(req.params)],
  [INSTANCE, (req) => InstanceKey.parse(req.params)],
];

/** The base URI by which this client reached the service: the answer's URLs must work for it. */
export function serviceUrl(req: Request): string {
  const { host = '' } = req.headers;
  return /^[\w.:[\]-]{1,255}$/.test(host) ? `${req.protocol}://${host}/dicomweb` : '/dicomweb';
}

/** The URL that retrieves a resource (PS3.18 §10.1). */
export const resourceUrl = (service: string, target: Target): string =>
  [
    `${service}/studies/${target.StudyInstanceUID}`,
    ...(target.SeriesInstanceUID === undefined ? [] : [`series/${target.SeriesInstanceUID}`]),
    ...(target.SOPInstanceUID === undefined ? [] : [`instances/${target.SOPInstanceUID}`]),
  ].join('/');
