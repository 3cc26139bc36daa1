import { type Request, type Response, Router } from 'express';
import type { AttributeRow, DicomwebQueries } from '../../domain/ports.ts';
import { SeriesKey, StudyKey } from '../../domain/study.ts';
import { dicomJsonOf, type Keyword } from '../attributes.ts';
import { dicomJsonText } from '../dicom-json-text.ts';
import { sendDicomJsonType } from '../dicom-media.ts';
import { resourceUrl, SERIES, STUDIES, STUDY, serviceUrl, type Target } from '../dicomweb-resource.ts';
import { onlyMethods } from '../problem.ts';
import { parseSearch, type Search } from '../search-query.ts';

export type QidoPorts = Pick<DicomwebQueries, 'searchStudies' | 'searchSeries' | 'searchInstances'>;

/** What each level is matched on: the keys of PS3.18 Table 10.6.1-5 that are indexed, and some more. */
// biome-ignore format: a table
const MATCHABLE = {
  study:    ['StudyDate', 'StudyTime', 'AccessionNumber', 'ModalitiesInStudy', 'ReferringPhysicianName', 'PatientName', 'PatientID', 'StudyInstanceUID', 'StudyID',
             'StudyDescription', 'PatientBirthDate', 'PatientSex'],
  series:   ['Modality', 'SeriesInstanceUID', 'SeriesNumber', 'SeriesDescription', 'BodyPartExamined'],
  instance: ['SOPClassUID', 'SOPInstanceUID', 'InstanceNumber'],
} as const satisfies Record<string, readonly Keyword[]>;

/** QIDO-RS, the Search Transaction (PS3.18 §10.6), by the three resources that name their parents in the path. */
export function qidoRoutes(ports: QidoPorts): Router {
  const router = Router();

  router
    .route(STUDIES)
    .get(async (req, res) => {
      await answer(req, res, MATCHABLE.study, (search, limit) =>
        ports.searchStudies(search.match, limit, search.offset),
      );
    })
    .all(onlyMethods('GET, HEAD, POST'));

  router
    .route(`${STUDY}/series`)
    .get(async (req, res) => {
      const study = StudyKey.parse(req.params);
      await answer(
        req,
        res,
        MATCHABLE.series,
        (search, limit) => ports.searchSeries(study.StudyInstanceUID, search.match, limit, search.offset),
        study,
      );
    })
    .all(onlyMethods('GET, HEAD'));

  router
    .route(`${SERIES}/instances`)
    .get(async (req, res) => {
      const series = SeriesKey.parse(req.params);
      await answer(
        req,
        res,
        MATCHABLE.instance,
        (search, limit) => ports.searchInstances(series, search.match, limit, search.offset),
        series,
      );
    })
    .all(onlyMethods('GET, HEAD'));

  return router;
}

async function answer(
  req: Request,
  res: Response,
  matchable: readonly Keyword[],
  query: (search: Search, limit: number) => Promise<readonly AttributeRow[]>,
  parent: Partial<Target> = {},
): Promise<void> {
  sendDicomJsonType(req, res);
  const service = serviceUrl(req);
  const search = parseSearch(req.query, matchable);
  // One more than is sent tells whether there are more (§8.3.4.4.1).
  const rows = await query(search, search.limit + 1);
  const warnings = [
    ...search.warnings,
    ...(rows.length > search.limit ? ['There are additional results that can be requested.'] : []),
  ];
  if (warnings.length > 0) res.set('Warning', warnings.map((text) => `299 ${service} "${text}"`).join(', '));
  // No match is an empty list with 200, as PS3.18 says since CP-2473; older editions said 204.
  const results = rows.slice(0, search.limit).map((row) => dicomJsonOf(complete({ ...parent, ...row }, service)));
  res.send(Buffer.from(dicomJsonText(results)));
}

/** Adds what follows from where the resource lies (PS3.18 Tables 10.6.3-3 to -5). */
function complete(row: AttributeRow, service: string): AttributeRow {
  const uid = (keyword: string) => (typeof row[keyword] === 'string' ? row[keyword] : undefined);
  const [StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID] = [
    uid('StudyInstanceUID'),
    uid('SeriesInstanceUID'),
    uid('SOPInstanceUID'),
  ];
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    InstanceAvailability: 'ONLINE',
    ...row,
    ...(StudyInstanceUID !== undefined && {
      RetrieveURL: resourceUrl(service, {
        StudyInstanceUID,
        ...(SeriesInstanceUID !== undefined && { SeriesInstanceUID }),
        ...(SOPInstanceUID !== undefined && { SOPInstanceUID }),
      }),
    }),
  };
}
