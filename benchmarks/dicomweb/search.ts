import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, loadavg } from 'node:os';
import express from 'express';
import { qidoRoutes } from '../../services/http/routes/dicomweb-qido.ts';
import { dicomwebQueries } from '../../services/store/dicomweb-queries.ts';
import { startStore } from '../../test/support/database.ts';
import { keepAlive, measuredGet, percentile } from './measured-get.ts';
import { fillStudies } from './synthetic-studies.ts';

const REPEATS = 40;

/** What is asked, and with what; `n` counts the repeats. */
// biome-ignore format: a table
const SEARCHES: readonly (readonly [what: string, path: (n: number) => string])[] = [
  ['the newest 100',                          () => 'studies?limit=100'],
  ['page 11 of 100',                          (n) => `studies?limit=100&offset=${1000 + n}`],
  ['deep page',                               (n) => `studies?limit=100&offset=${90_000 + n}`],
  ['name begins with (common)',               (n) => `studies?PatientName=${['ZHANG', 'WANG', 'LI', 'SMITH'][n % 4]}*&limit=100`],
  ['name begins with (rare)',                 (n) => `studies?PatientName=NOVAK^EVA${n}*&limit=100`],
  ['name contains',                           (n) => `studies?PatientName=*${['ANNA', 'OTTO', 'MIN', 'YUKI'][n % 4]}${n}*&limit=100`],
  ['name in Chinese characters',              (n) => `studies?PatientName=${encodeURIComponent('张^')}${encodeURIComponent('王李黄'[n % 3] ?? '')}*&limit=100`],
  ['name that nobody has',                    (n) => `studies?PatientName=QQQ${n}*&limit=100`],
  ['fuzzy, two words',                        (n) => `studies?PatientName=li%20wei${n}&fuzzymatching=true&limit=100`],
  ['fuzzy, nobody',                           (n) => `studies?PatientName=qqq%20zz${n}&fuzzymatching=true&limit=100`],
  ['one day',                                 (n) => `studies?StudyDate=2020${String(1 + (n % 12)).padStart(2, '0')}15&limit=100`],
  ['a week',                                  (n) => `studies?StudyDate=2021${String(1 + (n % 12)).padStart(2, '0')}01-2021${String(1 + (n % 12)).padStart(2, '0')}07&limit=100`],
  ['a year, one modality, page 3',            (n) => `studies?StudyDate=20190101-20191231&ModalitiesInStudy=${['CT', 'MR', 'US'][n % 3]}&limit=100&offset=200`],
  ['one modality',                            (n) => `studies?ModalitiesInStudy=${['MR', 'US', 'PT', 'CT'][n % 4]}&limit=100`],
  ['modality that nobody has',                (n) => `studies?ModalitiesInStudy=X${n}&limit=100`],
  ['patient ID',                              (n) => `studies?PatientID=P${String(n * 997).padStart(8, '0')}`],
  ['patient ID begins with',                  (n) => `studies?PatientID=P0001${n % 10}*&limit=100`],
  ['accession number',                        (n) => `studies?AccessionNumber=A${n * 1009 + 1}`],
  ['accession number that is not there',      (n) => `studies?AccessionNumber=B${n}`],
  ['study UID',                               (n) => `studies?StudyInstanceUID=1.2.840.99999.${n * 1013 + 1}`],
  ['description contains',                    (n) => `studies?StudyDescription=*${['chest', 'brain', 'low', 'PET'][n % 4]}*&limit=100`],
  ['name and date and modality',              (n) => `studies?PatientName=${['LI', 'KIM', 'SATO'][n % 3]}*&StudyDate=2018-&ModalitiesInStudy=CT&limit=100`.replace('2018-', '20180101-')],
  ['series of a study',                       (n) => `studies/1.2.840.99999.${n * 1013 + 1}/series`],
  ['all series of a modality',                (n) => `series?Modality=${['CT', 'MR', 'US'][n % 3]}&limit=100`],
];

/** QIDO-RS over HTTP on many studies. `npm run bench -- search [STUDIES]` */
export async function search(studies = 100_000): Promise<void> {
  const { store, stop } = await startStore();
  const server = createServer(express().use(qidoRoutes(dicomwebQueries(store, { instanceDirectory: '/nowhere' }))));
  try {
    const startedAt = performance.now();
    await fillStudies(store, studies);
    console.log(
      `${studies} studies in ${((performance.now() - startedAt) / 1000).toFixed(1)} s; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(2)}`,
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await measure(`http://127.0.0.1:${(server.address() as AddressInfo).port}/dicomweb`);
  } finally {
    server.closeAllConnections();
    server.close();
    await stop();
  }
}

async function measure(root: string): Promise<void> {
  const agent = keepAlive(1);
  const all: number[] = [];
  console.log('\n| search | results | best ms | median ms | p95 ms |\n|---|--:|--:|--:|--:|');
  for (const [what, path] of SEARCHES) {
    const times: number[] = [];
    const first = await (await fetch(`${root}/${path(1)}`)).json();
    for (let n = 0; n < REPEATS; n += 1) {
      const { status, totalMs } = await measuredGet(`${root}/${path(n)}`, 'application/dicom+json', agent);
      if (status !== 200) throw new Error(`${status} for ${path(n)}`);
      times.push(totalMs);
    }
    all.push(...times);
    const shown = [Math.min(...times), percentile(times, 0.5), percentile(times, 0.95)].map((ms) => ms.toFixed(1));
    console.log(`| ${what} | ${Array.isArray(first) ? first.length : '?'} | ${shown.join(' | ')} |`);
  }
  agent.destroy();
  console.log(
    `\nall: median ${percentile(all, 0.5).toFixed(1)}, p95 ${percentile(all, 0.95).toFixed(1)} ms; load ${loadavg()[0]?.toFixed(2)}`,
  );
}
