import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import type { RetrieveRequest } from '../../../services/dicom/net/retrieve-scu.ts';
import { get, move } from '../../../services/dicom/net/retrieve-scu.ts';
import type { StoredInstance } from '../../../services/domain/study.ts';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { hasProgram } from '../../support/programs.ts';
import { outgoingFile, writePart10 } from './part10-files.ts';
import {
  instanceUid,
  type QueriedReceiver,
  seriesUid,
  startQueriedReceiver,
  studyUid,
  testObject,
} from './queried-receiver.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { takenInMemory } from './taken-in-memory.ts';

const JPEG_LS = '1.2.840.10008.1.2.4.80';
const STUDY = { model: 'study root', level: 'STUDY' } as const;
const folder = mkdtempSync(join(tmpdir(), 'overread-retrieve-'));

let scp: QueriedReceiver;
let destination: Receiver;
beforeAll(async () => {
  destination = await startReceiver({ AETitle: 'ARCHIVE' });
  scp = await startQueriedReceiver();
  scp.destinations.push({ AETitle: 'ARCHIVE', host: '127.0.0.1', port: destination.port });
  await scp.fill([
    ...[1, 2, 3].map((number) => testObject(number, { study: 'one' })),
    testObject(1, { study: 'one', series: '2' }),
    testObject(1, { study: 'two', patient: { id: 'P2', name: 'Roe' } }),
  ]);
});
afterAll(async () => {
  await scp?.stop();
  await destination?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const CT = (...transferSyntaxes: string[]) => [{ SOPClassUID: CT_IMAGE_STORAGE, transferSyntaxes }];
const uids = (instances: readonly StoredInstance[]) =>
  instances.map(({ header }) => header.instance.SOPInstanceUID).toSorted();
const expected = (...instances: [study: string, series: string, number: number][]) =>
  instances.map(([study, series, number]) => instanceUid(study, series, number)).toSorted();

const REQUESTS: [string, RetrieveRequest, string[]][] = [
  [
    'a study',
    { ...STUDY, keys: { StudyInstanceUID: [studyUid('one')] } },
    expected(['one', '1', 1], ['one', '1', 2], ['one', '1', 3], ['one', '2', 1]),
  ],
  [
    'two studies',
    { ...STUDY, keys: { StudyInstanceUID: [studyUid('two'), '1.2.3', studyUid('one')] } },
    expected(['one', '1', 1], ['one', '1', 2], ['one', '1', 3], ['one', '2', 1], ['two', '1', 1]),
  ],
  ['a patient', { model: 'patient root', level: 'PATIENT', keys: { PatientID: ['P2'] } }, expected(['two', '1', 1])],
  [
    'a series',
    {
      model: 'patient root',
      level: 'SERIES',
      keys: { PatientID: ['P1'], StudyInstanceUID: [studyUid('one')], SeriesInstanceUID: [seriesUid('one', '2')] },
    },
    expected(['one', '2', 1]),
  ],
  [
    'a series of another patient',
    {
      model: 'patient root',
      level: 'SERIES',
      keys: { PatientID: ['P2'], StudyInstanceUID: [studyUid('one')], SeriesInstanceUID: [seriesUid('one', '2')] },
    },
    [],
  ],
  [
    'two images',
    {
      model: 'study root',
      level: 'IMAGE',
      keys: {
        StudyInstanceUID: [studyUid('one')],
        SeriesInstanceUID: [seriesUid('one')],
        SOPInstanceUID: [instanceUid('one', '1', 1), instanceUid('one', '1', 3)],
      },
    },
    expected(['one', '1', 1], ['one', '1', 3]),
  ],
  ['nothing that is held', { ...STUDY, keys: { StudyInstanceUID: ['1.2.3'] } }, []],
];

describe.each(REQUESTS)('%s', (_name, request, instances) => {
  it('C-MOVE: every data set as it came, counted as it goes', async () => {
    const before = destination.recorded.length;
    const progress: number[] = [];
    const counts = await move(scp.peer, 'TESTER', 'ARCHIVE', request, {
      onProgress: ({ remaining }) => progress.push(remaining),
    });
    expect(counts).toMatchObject({ status: 0, completed: instances.length, failed: 0, warned: 0, failedUids: [] });
    expect(progress).toEqual(instances.slice(1).map((_, at) => instances.length - 1 - at));
    const moved = destination.recorded.slice(before);
    expect(uids(moved)).toEqual(instances);
    for (const instance of moved) {
      expect(instance.sourceAETitle).toBe('OVERREAD');
      expect(destination.dataset(instance).equals(scp.stored(instance.header.instance.SOPInstanceUID))).toBe(true);
    }
  });

  it('C-GET: the same on the association of the request', async () => {
    const { storage, taken } = takenInMemory(CT(EXPLICIT_VR_LITTLE_ENDIAN));
    const counts = await get(scp.peer, 'TESTER', request, storage);
    expect(counts).toMatchObject({ status: 0, completed: instances.length, failed: 0 });
    expect([...taken.keys()].toSorted()).toEqual(instances);
    for (const [uid, bytes] of taken) expect(bytes.equals(scp.stored(uid))).toBe(true);
  });
});

describe('what is refused', () => {
  const one = { ...STUDY, keys: { StudyInstanceUID: [studyUid('one')] } };

  it.each(['NOWHERE', '', '../ARCHIVE', "'; --"])('a destination that no setting names: %j, A801', async (AETitle) => {
    await expect(move(scp.peer, 'TESTER', AETitle, one)).rejects.toThrow('A801: this move destination is not');
  });

  it.each<[string, RetrieveRequest, string]>([
    ['no key', { ...STUDY, keys: {} }, 'A900: StudyInstanceUID is missing at level STUDY'],
    [
      'a series of no study',
      { model: 'study root', level: 'SERIES', keys: { SeriesInstanceUID: ['1.2'] } },
      'A900: level SERIES needs one StudyInstanceUID',
    ],
    [
      'a level the model does not have',
      { model: 'study root', level: 'PATIENT', keys: { PatientID: ['P1'] } },
      'A900: Query/Retrieve Level',
    ],
  ])('%s', async (_name, request, why) => {
    await expect(move(scp.peer, 'TESTER', 'ARCHIVE', request)).rejects.toThrow(why);
    await expect(
      get(scp.peer, 'TESTER', request, takenInMemory(CT(EXPLICIT_VR_LITTLE_ENDIAN)).storage),
    ).rejects.toThrow(why);
  });

  it('a destination that is away: all have failed, A702, and which', async () => {
    scp.destinations.push({ AETitle: 'AWAY', host: '127.0.0.1', port: 1 });
    await expect(move(scp.peer, 'TESTER', 'AWAY', one)).rejects.toThrow('A702: 4 of 4 were not taken');
  });

  it('a C-GET without a context of the class: A702', async () => {
    const { storage } = takenInMemory([
      { SOPClassUID: '1.2.840.10008.5.1.4.1.1.4', transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] },
    ]);
    await expect(get(scp.peer, 'TESTER', one, storage)).rejects.toThrow('A702');
  });

  it('an instance whose file is gone fails alone: B000, and is named', async () => {
    await scp.fill([1, 2].map((number) => testObject(number, { study: 'harmed' })));
    const lost = scp.recorded.find(({ header }) => header.instance.SOPInstanceUID === instanceUid('harmed', '1', 1));
    rmSync(join(scp.directory, lost?.path ?? ''));
    const request = { ...STUDY, keys: { StudyInstanceUID: [studyUid('harmed')] } };
    const failed = { status: 0xb000, completed: 1, failed: 1, failedUids: [instanceUid('harmed', '1', 1)] };
    expect(await move(scp.peer, 'TESTER', 'ARCHIVE', request)).toMatchObject(failed);
    expect(await get(scp.peer, 'TESTER', request, takenInMemory(CT(EXPLICIT_VR_LITTLE_ENDIAN)).storage)).toMatchObject(
      failed,
    );
  });
});

describe.skipIf(!hasProgram('dcmcjpls'))('a receiver that does not take it as it is stored', () => {
  const compressed = { ...STUDY, keys: { StudyInstanceUID: [studyUid('compressed')] } };
  const uid = instanceUid('compressed', '1', 1);
  const original = testObject(1, { study: 'compressed' });
  beforeAll(async () => {
    const [plain, file] = [join(folder, 'plain.dcm'), join(folder, 'compressed.dcm')];
    writePart10(plain, original, 'explicit');
    execFileSync('dcmcjpls', [plain, file]);
    const { dataset: _, ...meta } = outgoingFile(file);
    const bytes = readFileSync(file);
    const { length, offset } = outgoingFile(file).dataset as { length: number; offset: number };
    await scp.fill([{ ...meta, dataset: bytes.subarray(offset, offset + length) }]);
  });
  const pixels = (bytes: Uint8Array, syntax: string) => {
    const value = readDataset(bytes, syntax).bytes(0x7fe00010);
    return Buffer.from(value ?? []).toString('hex');
  };

  it.each([
    ['Explicit VR Little Endian', [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN], EXPLICIT_VR_LITTLE_ENDIAN],
    ['Implicit VR Little Endian', [IMPLICIT_VR_LITTLE_ENDIAN], IMPLICIT_VR_LITTLE_ENDIAN],
  ])('C-GET in %s: the same pixels and attributes', async (_name, offered, syntax) => {
    const { storage, taken, syntaxes } = takenInMemory(CT(...offered));
    expect(await get(scp.peer, 'TESTER', compressed, storage)).toMatchObject({ status: 0, completed: 1 });
    expect(syntaxes).toEqual([syntax]);
    const bytes = taken.get(uid) ?? Buffer.alloc(0);
    expect(pixels(bytes, syntax)).toBe(pixels(original.dataset, EXPLICIT_VR_LITTLE_ENDIAN));
    const sent = readDataset(bytes, syntax);
    expect(sent.string(TAG.PatientName)).toBe('Doe^John');
    expect(sent.string(TAG.SOPInstanceUID)).toBe(uid);
  });

  it('C-GET as it is stored, where that is offered first', async () => {
    const { storage, taken } = takenInMemory(CT(JPEG_LS, EXPLICIT_VR_LITTLE_ENDIAN));
    await get(scp.peer, 'TESTER', compressed, storage);
    expect(taken.get(uid)?.equals(scp.stored(uid))).toBe(true);
  });

  it('C-GET in what nothing can be brought into fails', async () => {
    const { storage } = takenInMemory(CT('1.2.840.10008.1.2.4.50'));
    await expect(get(scp.peer, 'TESTER', compressed, storage)).rejects.toThrow('A702');
  });
});
