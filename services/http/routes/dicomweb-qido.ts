import { type Request, type Response, Router } from 'express';
import type { AttributeRow, DicomwebQueries } from '../../domain/ports.ts';
import { SeriesKey } from '../../domain/study.ts';
import { dicomJsonOf, type Keyword } from '../attributes.ts';
import { dicomJsonText } from '../dicom-json-text.ts';
import { sendDicomJsonType } from '../dicom-offers.ts';
import { resourceUrl, SERIES, STUDIES, STUDY, serviceUrl } from '../dicomweb-resource.ts';
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

type Level = keyof typeof MATCHABLE;

/** Attributes that belong to the study or the series of a result, and not to itself. */
// biome-ignore format: a table
const OF_PARENT = {
  study:  new Set<string>([...MATCHABLE.study, 'IssuerOfPatientID', 'PatientAge']),
  series: new Set<string>([...MATCHABLE.series, 'FrameOfReferenceUID', 'NumberOfSeriesRelatedInstances']),
};
/** Every result says where it belongs. */
const ALWAYS = new Set(['StudyInstanceUID', 'SeriesInstanceUID']);

interface Resource {
  readonly path: string;
  /** Levels that are matched, and whose attributes are answered (PS3.18 Table 10.6.1-2): those the path does not name. */
  readonly levels: readonly Level[];
  search(parent: Partial<SeriesKey>, search: Search, limit: number): Promise<readonly AttributeRow[]>;
}

/** QIDO-RS, the Search Transaction (PS3.18 §10.6): the six resources of Table 10.6.1-1. */
export function qidoRoutes(ports: QidoPorts): Router {
  const router = Router();
  const series: Resource['search'] = (parent, { match, offset, fuzzy }, limit) =>
    ports.searchSeries(parent, match, limit, offset, fuzzy);
  const instances: Resource['search'] = (parent, { match, offset, fuzzy }, limit) =>
    ports.searchInstances(parent, match, limit, offset, fuzzy);
  const studies: Resource['search'] = (_, { match, offset, fuzzy }, limit) =>
    ports.searchStudies(match, limit, offset, fuzzy);
  // biome-ignore format: a table
  const resources: readonly Resource[] = [
    { path: STUDIES,                levels: ['study'],                       search: studies },
    { path: `${STUDY}/series`,      levels: ['series'],                      search: series },
    { path: '/dicomweb/series',     levels: ['study', 'series'],             search: series },
    { path: `${SERIES}/instances`,  levels: ['instance'],                    search: instances },
    { path: `${STUDY}/instances`,   levels: ['series', 'instance'],          search: instances },
    { path: '/dicomweb/instances',  levels: ['study', 'series', 'instance'], search: instances },
  ];
  for (const resource of resources) {
    router
      .route(resource.path)
      .get((req, res) => answer(req, res, resource))
      .all(onlyMethods(resource.path === STUDIES ? 'GET, HEAD, POST' : 'GET, HEAD'));
  }
  return router;
}

async function answer(req: Request, res: Response, { levels, search: find }: Resource): Promise<void> {
  const parent = parentOf(req);
  sendDicomJsonType(req, res);
  const service = serviceUrl(req);
  const search = parseSearch(
    req.query,
    levels.flatMap((level) => MATCHABLE[level]),
  );
  // One more than is sent tells whether there are more (§8.3.4.4.1).
  const rows = await find(parent, search, search.limit + 1);
  const warnings = [
    ...search.warnings,
    ...(rows.length > search.limit ? ['There are additional results that can be requested.'] : []),
  ];
  if (warnings.length > 0) res.set('Warning', warnings.map((text) => `299 ${service} "${text}"`).join(', '));
  const wanted = (row: AttributeRow): AttributeRow =>
    Object.fromEntries(Object.entries(row).filter(([keyword]) => isWanted(keyword, levels, search.include)));
  // No match is an empty list with 200, as PS3.18 says since CP-2473; older editions said 204.
  const results = rows
    .slice(0, search.limit)
    .map((row) => dicomJsonOf(complete({ ...parent, ...wanted(row) }, service)));
  res.send(Buffer.from(dicomJsonText(results)));
}

/** The study and series that the path names. */
function parentOf(req: Request): Partial<SeriesKey> {
  const named = SeriesKey.partial().parse(req.params);
  return Object.fromEntries(Object.entries(named).filter(([, uid]) => uid !== undefined));
}

function isWanted(keyword: string, levels: readonly Level[], include: Search['include']): boolean {
  if (ALWAYS.has(keyword) || include === 'all' || (include as ReadonlySet<string>).has(keyword)) return true;
  const ofStudy = OF_PARENT.study.has(keyword) && !levels.includes('study');
  const ofSeries = OF_PARENT.series.has(keyword) && !levels.includes('series');
  return !ofStudy && !ofSeries;
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
