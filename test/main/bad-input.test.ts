import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OutgoingInstance, sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { echo } from '../../services/dicom/net/verification-scu.ts';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import { reasonText } from '../../services/domain/reason.ts';
import { freePort } from '../../services/main/ports.ts';
import type { Element } from '../support/dicom-bytes.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { hasProgram } from '../support/programs.ts';
import {
  type SyntheticSeriesOptions,
  syntheticInstance,
  syntheticObject,
  syntheticSeries,
} from '../support/synthetic-series.ts';

/** What reaches a receiver in a hospital besides good studies, and what each gets. One Overread serves all of it. */
const SMALL: SyntheticSeriesOptions = { slices: 44, rows: 64, columns: 64, spacingMm: 3 };
const running: { overread?: Overread } = {};

beforeAll(async () => {
  running.overread = await startOverread();
}, 120_000);
afterAll(async () => {
  await running.overread?.stop();
  running.overread?.remove();
});

function overread(): Overread {
  if (running.overread === undefined) throw new Error('not started');
  return running.overread;
}
const peer = (port = overread().dimsePort) => ({ AETitle: 'OVERREAD', host: '127.0.0.1', port });
const send = (instances: readonly OutgoingInstance[]) =>
  sendInstances(peer(), 'SENDER', instances, { timeoutSeconds: 20 });

/** Sends, waits for the end, answers the newest run. */
async function runOf(options: SyntheticSeriesOptions): Promise<StudyDetail['runs'][number]> {
  const { instances, StudyInstanceUID } = syntheticSeries({ ...SMALL, ...options });
  expect((await send(instances)).every(({ taken }) => taken)).toBe(true);
  const { runs } = await overread().ended(StudyInstanceUID);
  const [run] = runs;
  if (run === undefined) throw new Error('no run');
  return run;
}

it('a good series ends with findings or without, never blank', async () => {
  const run = await runOf({ seed: 'good' });
  expect(run.state).toMatch(/^(FINDINGS|NO_FINDINGS)$/);
});

describe('a study that cannot be analysed says why, with the numbers', () => {
  it.each<[string, SyntheticSeriesOptions, RegExp]>([
    ['a slice is missing', { missingSlice: 20 }, /gap of 5 mm between slices \d+ and \d+, spacing is 2\.5 mm/],
    ['slices are too thick', { sliceSpacingMm: 7, thicknessMm: 7 }, /slice thickness 7 mm/],
    ['too few slices', { slices: 12 }, /12 slices, at least \d+ are needed/],
    ['the modality is another', { modality: 'MR' }, /no series of modality CT/],
  ])('%s', async (name, options, words) => {
    const run = await runOf({ seed: `refused: ${name}`, ...options });
    expect(run.state).toBe('NOT_ANALYSABLE');
    expect(run.reason === null ? '' : reasonText(run.reason)).toMatch(words);
  });

  it.each(['localizer', 'sr', 'pdf'] as const)('a study that is only a %s', async (kind) => {
    const options = { ...SMALL, seed: `only ${kind}` };
    const object = syntheticObject(kind, options);
    expect(await send([object])).toMatchObject([{ taken: true }]);
    const { runs } = await overread().ended(syntheticSeries(options).StudyInstanceUID);
    expect(runs).toMatchObject([{ state: 'NOT_ANALYSABLE' }]);
    expect(runs[0]?.reason).not.toBeNull();
  });

  it('a transfer syntax that is stored but not decoded is named', async () => {
    const { instances, StudyInstanceUID } = syntheticSeries({ ...SMALL, seed: 'mpeg 2' });
    const relabelled = instances.map((instance) => ({ ...instance, TransferSyntaxUID: '1.2.840.10008.1.2.4.100' }));
    expect((await send(relabelled)).every(({ taken }) => taken)).toBe(true);
    const { runs } = await overread().ended(StudyInstanceUID);
    expect(runs[0]).toMatchObject({ state: 'NOT_ANALYSABLE', reason: { code: 'TRANSFER_SYNTAX' } });
  });
});

describe('a study that is not as it should be, but can be analysed, says what was done', () => {
  it.each<[string, SyntheticSeriesOptions, RegExp]>([
    ['a slice came twice', { duplicateSlice: 20 }, /^1 images are copies of others/],
    ['the gantry was tilted', { tiltDeg: 15 }, /^gantry tilt of 15 degrees: slices sheared by [\d.]+ mm/],
  ])('%s', async (name, options, words) => {
    const run = await runOf({ seed: `tolerated: ${name}`, ...options });
    expect(run.state).toMatch(/^(FINDINGS|NO_FINDINGS)$/);
    expect(run.warnings.map(reasonText)).toEqual([expect.stringMatching(words)]);
  });

  it('a slice that differs from another at its place is refused', async () => {
    const { instances, StudyInstanceUID } = syntheticSeries({ ...SMALL, seed: 'double', duplicateSlice: 20 });
    const [copy] = instances.slice(-1);
    const pixels = copy?.elements.map(
      (element): Element => (element[0] === 0x7fe00010 ? [0x7fe00010, 'OW', new Int16Array(64 * 64)] : element),
    );
    const changed = syntheticInstance(pixels ?? [], 'explicit');
    expect((await send([...instances.slice(0, -1), changed])).every(({ taken }) => taken)).toBe(true);
    const { runs } = await overread().ended(StudyInstanceUID);
    expect(runs[0]).toMatchObject({ state: 'NOT_ANALYSABLE', reason: { code: 'DUPLICATE_POSITION' } });
    expect(runs[0]?.reason && reasonText(runs[0].reason)).toMatch(/^slices 21 and 65 lie at the same position/);
  });
});

describe('beside a good series', () => {
  it('a localizer and an SR in the study change nothing about the analysis', async () => {
    const options = { ...SMALL, seed: 'mixed study' };
    const { instances, StudyInstanceUID } = syntheticSeries(options);
    await send([syntheticObject('localizer', options), ...instances, syntheticObject('sr', options)]);
    const { runs } = await overread().ended(StudyInstanceUID);
    expect(runs.map(({ state }) => state)).toEqual([expect.stringMatching(/^(FINDINGS|NO_FINDINGS)$/)]);
  });

  it('an identical re-send makes no second run', async () => {
    const { instances, StudyInstanceUID } = syntheticSeries({ ...SMALL, seed: 'good' });
    const before = await overread().study(StudyInstanceUID);
    expect((await send(instances)).every(({ taken }) => taken)).toBe(true);
    await sleep(3000);
    const after = await overread().study(StudyInstanceUID);
    expect(after?.runs.map(({ runId }) => runId)).toEqual(before?.runs.map(({ runId }) => runId));
    expect(after?.study.instanceCount).toBe(instances.length);
  });

  it('the same UID with other pixels is refused and kept apart, and the first stays', async () => {
    const other = syntheticSeries({ ...SMALL, seed: 'good', pixelOffsetHu: 7 });
    expect(await send(other.instances.slice(0, 1))).toMatchObject([{ taken: false, status: 0x0111 }]);
  });

  it('late images make a new run that replaces the old one', async () => {
    const { instances, StudyInstanceUID } = syntheticSeries({ ...SMALL, seed: 'late' });
    await send(instances.slice(0, 42));
    const first = await overread().ended(StudyInstanceUID);
    await send(instances.slice(42));
    await sleep(1500);
    const second = await overread().ended(StudyInstanceUID);
    expect(second.runs).toHaveLength(1);
    expect(second.runs[0]?.runId).not.toBe(first.runs[0]?.runId);
  });
});

describe('bytes that are no DICOM', () => {
  const closedAfter = async (bytes: Uint8Array): Promise<void> => {
    const socket = connect(overread().dimsePort, '127.0.0.1');
    const closed = new Promise<void>((resolve) => {
      socket.on('close', () => resolve());
      socket.on('error', () => {});
    });
    socket.on('data', () => {});
    socket.write(bytes);
    await closed;
  };

  it('end the connection, and the next association is served', async () => {
    // Side by side: each waits for its peer to close, as long as ARTIM allows.
    await Promise.all([
      closedAfter(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')),
      closedAfter(Uint8Array.of(0x04, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3)),
      closedAfter(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251))),
    ]);
    await echo(peer(), 'SENDER', { timeoutSeconds: 10 });
  });

  it('a data set cut short is no instance', async () => {
    const { instances, StudyInstanceUID } = syntheticSeries({ ...SMALL, seed: 'cut' });
    const [instance] = instances;
    if (instance === undefined) throw new Error('no instance');
    const [answer] = await send([{ ...instance, dataset: instance.dataset.subarray(0, 300) }]);
    expect(answer).toMatchObject({ taken: false });
    expect(answer?.status).toBeGreaterThan(0x0100);
    expect(await overread().study(StudyInstanceUID)).toBeUndefined();
  });

  it('a data set that names another object than its command is refused as A900', async () => {
    const [one, two] = syntheticSeries({ ...SMALL, seed: 'mismatch' }).instances;
    if (one === undefined || two === undefined) throw new Error('no instance');
    expect(await send([{ ...one, dataset: two.dataset }])).toMatchObject([{ taken: false, status: 0xa900 }]);
  });
});

it('a disk without room refuses with A700 before it loses anything', async () => {
  const full = await startOverread({ MIN_FREE_DISK_MB: '900000000' });
  try {
    const { instances, StudyInstanceUID } = syntheticSeries({ ...SMALL, seed: 'full' });
    const results = await sendInstances(peer(full.dimsePort), 'SENDER', instances.slice(0, 2), { timeoutSeconds: 20 });
    expect(results).toMatchObject([
      { taken: false, status: 0xa700 },
      { taken: false, status: 0xa700 },
    ]);
    expect(await full.study(StudyInstanceUID)).toBeUndefined();
  } finally {
    await full.stop();
    full.remove();
  }
}, 120_000);

describe.skipIf(!hasProgram('Orthanc'))('the PACS is down (needs Orthanc)', () => {
  it('the result waits, says so, and arrives once when the PACS is back', async () => {
    const port = await freePort(0);
    const sender = await startOverread({ PACS: `ORTHANC@127.0.0.1:${port}` });
    const pacs: { orthanc?: Orthanc } = {};
    try {
      const { instances, StudyInstanceUID } = syntheticSeries({ ...SMALL, seed: 'pacs down' });
      await sendInstances(peer(sender.dimsePort), 'SENDER', instances, { timeoutSeconds: 20 });
      await sender.ended(StudyInstanceUID);
      await sleep(4000);
      const waiting = (await sender.study(StudyInstanceUID))?.runs[0]?.deliveries;
      expect(waiting).toMatchObject([{ state: 'PENDING' }]);
      expect(waiting?.[0]?.lastError).toMatch(/refused/i);

      pacs.orthanc = await startOrthanc({ DicomPort: port });
      for (const until = Date.now() + 60_000; Date.now() < until; await sleep(500))
        if ((await sender.study(StudyInstanceUID))?.runs[0]?.deliveries[0]?.state === 'DELIVERED') break;
      expect((await sender.study(StudyInstanceUID))?.runs[0]?.deliveries).toMatchObject([{ state: 'DELIVERED' }]);
      expect(await pacs.orthanc.reports()).toHaveLength(1);
    } finally {
      await sender.stop();
      await pacs.orthanc?.stop();
      sender.remove();
    }
  }, 240_000);
});

it('a canary patient is in no log line, metric, event or queue payload', async () => {
  const canary = 'Zqxcanary';
  const { instances, StudyInstanceUID } = syntheticSeries({
    ...SMALL,
    seed: 'canary',
    patient: { name: `${canary}^Name`, id: `${canary}-ID`, birthDate: '19010203' },
  });
  await send(instances);
  await overread().ended(StudyInstanceUID);
  const metrics = await (await fetch(`${overread().url}/metrics`)).text();
  const events = await fetch(`${overread().url}/api/events`, {
    headers: { 'last-event-id': '0' },
    signal: AbortSignal.timeout(2000),
  })
    .then((response) => response.body?.getReader().read())
    .then((chunk) => Buffer.from(chunk?.value ?? []).toString())
    .catch(() => '');
  for (const written of [overread().output(), metrics, events]) {
    expect(written).not.toContain(canary);
    expect(written).not.toContain('19010203');
  }
  expect(overread().output()).toContain('run.ended');
});
