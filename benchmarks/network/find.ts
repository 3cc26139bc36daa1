import { cpus, loadavg } from 'node:os';
import { type FindRequest, find as findScu } from '../../services/dicom/net/find-scu.ts';
import { startStorageScp } from '../../services/dicom/net/storage-scp.ts';
import { heldObjects } from '../../services/store/held-objects.ts';
import { startStore } from '../../test/support/database.ts';
import { fakeContext } from '../../test/support/fake-context.ts';
import { percentile } from '../dicomweb/measured-get.ts';
import { fillStudies } from '../dicomweb/synthetic-studies.ts';

const REPEATS = 40;

const study = (keys: FindRequest['keys'], extended?: FindRequest['extended']): FindRequest => ({
  ...{ model: 'study root', level: 'STUDY', ...(extended && { extended }) },
  keys: { ...WANTED, ...keys },
});
/** What a workstation shows of a study; the counts cost the most. */
const WANTED = {
  ...{ StudyInstanceUID: '', PatientName: '', PatientID: '', PatientBirthDate: '', PatientSex: '', StudyDate: '' },
  ...{ StudyTime: '', StudyID: '', AccessionNumber: '', StudyDescription: '', ModalitiesInStudy: '' },
  ...{ NumberOfStudyRelatedSeries: '', NumberOfStudyRelatedInstances: '' },
};
const month = (n: number) => String(1 + (n % 12)).padStart(2, '0');
const uid = (n: number) => `1.2.840.99999.${n * 1013 + 1}`;

/** What is asked; `n` counts the repeats. `most`: matches after which it is cancelled. */
// biome-ignore format: a table
const QUERIES: readonly (readonly [what: string, request: (n: number) => FindRequest, most?: number])[] = [
  ['one day',                                   (n) => study({ StudyDate: `2020${month(n)}15` })],
  ['a week',                                    (n) => study({ StudyDate: `2021${month(n)}01-2021${month(n)}07` })],
  ['a month',                                   (n) => study({ StudyDate: `2019${month(n)}01-2019${month(n)}31` })],
  ['a day of one modality',                     (n) => study({ StudyDate: `2020${month(n)}15`, ModalitiesInStudy: ['CT', 'MR', 'US'][n % 3] ?? '' })],
  ['a night, date and time combined',           (n) => study({ StudyDate: `2020${month(n)}15-2020${month(n)}16`, StudyTime: '2000-0800' }, { combinedDateTime: true })],
  ['patient ID',                                (n) => study({ PatientID: `P${String(n * 997).padStart(8, '0')}` })],
  ['accession number',                          (n) => study({ AccessionNumber: `A${n * 1009 + 1}` })],
  ['name begins with (rare)',                   (n) => study({ PatientName: `NOVAK^EVA${n}*` })],
  ['name contains',                             (n) => study({ PatientName: `*YUKI${n}*` })],
  ['fuzzy, two words',                          (n) => study({ PatientName: `li wei${n}` }, { fuzzy: true })],
  ['name that nobody has',                      (n) => study({ PatientName: `QQQ${n}*` })],
  ['series of a study',                         (n) => ({ model: 'study root', level: 'SERIES', keys: { StudyInstanceUID: uid(n), SeriesInstanceUID: '', Modality: '', NumberOfSeriesRelatedInstances: '' } })],
  ['a patient, with counts',                    (n) => ({ model: 'patient root', level: 'PATIENT', keys: { PatientID: `P${String(n * 997).padStart(8, '0')}`, PatientName: '', NumberOfPatientRelatedStudies: '' } })],
  ['everything, cancelled after 100',           () => study({}), 100],
  ['all patients, cancelled after 100',         () => ({ model: 'patient root', level: 'PATIENT', keys: { PatientID: '', PatientName: '' } }), 100],
  ['all CT series (relational), 100',           () => ({ model: 'study root', level: 'SERIES', keys: { Modality: 'CT', SeriesInstanceUID: '' }, extended: { relational: true } }), 100],
];

/** C-FIND over many studies, each on an association of its own. `npm run bench -- find [STUDIES]` */
export async function find(studies = 100_000): Promise<void> {
  const { store, stop } = await startStore();
  const held = heldObjects(store, { instanceDirectory: '/nowhere' });
  const refused = async (): Promise<never> => Promise.reject(new Error('not here'));
  const scp = await startStorageScp(
    fakeContext(),
    { AETitle: 'OVERREAD', host: '127.0.0.1', port: 0, isAllowed: () => true },
    {
      openInstance: () => {
        throw new Error('not here');
      },
      associationEnded: () => {},
      queryRetrieve: { held, destination: () => undefined, transcode: refused, maxMatches: 1_000_000 },
    },
  );
  try {
    await fillStudies(store, studies);
    console.log(`${studies} studies; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(2)}`);
    await measure(scp.port);
    await everything(scp.port);
  } finally {
    await scp.close();
    await stop();
  }
}

async function measure(port: number): Promise<void> {
  console.log('\n| query | matches | first match: median, p95 ms | whole: median, p95 ms |\n|---|--:|--:|--:|');
  for (const [what, request, most] of QUERIES) {
    const [firsts, wholes, matches]: number[][] = [[], [], []];
    // The first one warms up.
    for (let n = 0; n <= REPEATS; n += 1) {
      const { firstMs, wholeMs, count } = await asked(port, request(n), most);
      if (n === 0) continue;
      if (count > 0) firsts?.push(firstMs);
      wholes?.push(wholeMs);
      matches?.push(count);
    }
    const shown = [firsts ?? [], wholes ?? []].map((times) =>
      times.length === 0 ? '–' : [0.5, 0.95].map((part) => percentile(times, part).toFixed(1)).join(', '),
    );
    console.log(`| ${what} | ${percentile(matches ?? [], 0.5)} | ${shown.join(' | ')} |`);
  }
}

/** Times from the request for an association: what a workstation waits. */
async function asked(port: number, request: FindRequest, most = Number.POSITIVE_INFINITY) {
  const startedAt = performance.now();
  let [firstMs, count] = [Number.NaN, 0];
  for await (const _ of findScu({ AETitle: 'OVERREAD', host: '127.0.0.1', port }, 'BENCH', request)) {
    if (count === 0) firstMs = performance.now() - startedAt;
    count += 1;
    if (count >= most) break;
  }
  return { firstMs, wholeMs: performance.now() - startedAt, count };
}

/** All studies in one answer: what it costs, and that memory stays what it was. */
async function everything(port: number): Promise<void> {
  const before = process.memoryUsage().rss;
  const peak = { rss: before };
  const timer = setInterval(() => {
    peak.rss = Math.max(peak.rss, process.memoryUsage().rss);
  }, 20);
  const { count, wholeMs, firstMs } = await asked(port, study({}));
  clearInterval(timer);
  const perSecond = Math.round((count / wholeMs) * 1000);
  const grown = ((peak.rss - before) / 2 ** 20).toFixed(0);
  console.log(
    `\neverything: ${count} matches in ${(wholeMs / 1000).toFixed(1)} s (${perSecond} a second), first ${firstMs.toFixed(1)} ms; both ends in one process, which grew by ${grown} MB`,
  );
}
