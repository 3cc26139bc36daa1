import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAssociation } from '../../../services/dicom/net/open-association.ts';
import { newUid } from '../../support/arrivals.ts';
import { datasetBytes, type Element } from '../../support/dicom-bytes.ts';
import { hasDcmjsDimse, hasPynetdicom } from '../../support/fetched-peers.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { type CommitmentReceiver, startCommitmentReceiver } from './commitment-receiver.ts';
import { dcmjsDimse, pynetdicom } from './peer-programs.ts';
import { instanceUid, seriesUid, studyUid } from './queried-receiver.ts';

const [N_SET, N_CREATE] = [0x0120, 0x0140];
const MPPS = '1.2.840.10008.3.1.2.3.3';
const IAN = '1.2.840.10008.5.1.4.33';
const CT = '1.2.840.10008.5.1.4.1.1.2';

let ours: CommitmentReceiver;
beforeAll(async () => {
  ours = await startCommitmentReceiver();
});
afterAll(() => ours?.stop());

const announced = (study: string) =>
  ours.store.database
    .selectFrom('series_announcement')
    .select(['SeriesInstanceUID', 'source', 'AETitle', 'Modality', 'instances'])
    .where('StudyInstanceUID', '=', studyUid(study))
    .execute();

interface Message {
  readonly field: number;
  readonly uid?: string;
  readonly dataset: Uint8Array;
}

/** Sends messages in one association, whatever their order; answers with their statuses and Error IDs. */
async function send(SOPClassUID: string, messages: readonly Message[], callingAETitle = 'MODALITY') {
  const contexts = [{ id: 1, abstractSyntax: SOPClassUID, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }];
  const association = await openAssociation(ours.peer, callingAETitle, { contexts });
  const answers: (readonly [status: number, errorId: number])[] = [];
  for (const [at, { field, uid, dataset }] of messages.entries()) {
    const named =
      field === N_SET
        ? { RequestedSOPClassUID: SOPClassUID, ...(uid && { RequestedSOPInstanceUID: uid }) }
        : { AffectedSOPClassUID: SOPClassUID, ...(uid && { AffectedSOPInstanceUID: uid }) };
    const command = { ...named, CommandField: field, MessageID: at + 1, CommandDataSetType: 0 };
    const { Status = -1, ErrorID = 0, AffectedSOPInstanceUID } = await association.request(1, command, [dataset]);
    if (field === N_CREATE) expect(AffectedSOPInstanceUID).toMatch(uid ?? /^2\.25\.\d+$/);
    answers.push([Status, ErrorID]);
  }
  await association.release();
  return answers;
}

/** A step of one study; the series with so many images each. */
function stepOf(status: string, study = '', series: readonly (readonly [name: string, images: number])[] = []) {
  const scheduled: Element[][] = study === '' ? [] : [[[0x0020000d, 'UI', studyUid(study)]]];
  const made = series.map(([name, images]): Element[] => [
    [0x0020000e, 'UI', seriesUid(study || name, name)],
    [0x00081140, 'SQ', Array.from({ length: images }, (_, at) => reference(instanceUid(study, name, at)))],
  ]);
  return datasetBytes([
    [0x00080060, 'CS', 'CT'],
    [0x00100010, 'PN', 'Secret^Name'],
    [0x00400252, 'CS', status],
    [0x00400270, 'SQ', scheduled],
    ...(series.length === 0 ? [] : [[0x00400340, 'SQ', made] as const]),
  ]);
}
const reference = (uid: string): Element[] => [
  [0x00081150, 'UI', CT],
  [0x00081155, 'UI', uid],
];
const create = (uid: string, dataset: Uint8Array): Message => ({ field: N_CREATE, uid, dataset });
const set = (uid: string, dataset: Uint8Array): Message => ({ field: N_SET, uid, dataset });

describe('Modality Performed Procedure Step as SCP (PS3.4 §F.7)', () => {
  it('is created IN PROGRESS, completed once, and announces then what it made', async () => {
    const uid = newUid();
    const answers = await send(MPPS, [
      create(uid, stepOf('IN PROGRESS', 'step')),
      create(uid, stepOf('IN PROGRESS', 'step')),
      set(uid, stepOf('IN PROGRESS', '', [['1', 1]])),
    ]);
    expect(answers).toEqual([
      [0, 0],
      [0x0111, 0],
      [0, 0],
    ]);
    expect(await announced('step')).toEqual([]);
    const series = datasetBytes([
      [0x00080060, 'CS', 'CT'],
      [0x00400252, 'CS', 'COMPLETED'],
      [
        0x00400340,
        'SQ',
        [
          [
            [0x0020000e, 'UI', seriesUid('step')],
            // One image twice is one image.
            [0x00081140, 'SQ', [1, 2, 2].map((at) => reference(instanceUid('step', '1', at)))],
          ],
        ],
      ],
    ]);
    expect(await send(MPPS, [set(uid, series), set(uid, stepOf('DISCONTINUED'))])).toEqual([
      [0, 0],
      [0x0110, 0xa710],
    ]);
    expect(await announced('step')).toEqual([
      { SeriesInstanceUID: seriesUid('step'), source: 'mpps', AETitle: 'MODALITY', Modality: 'CT', instances: 2 },
    ]);
    const kept = await ours.store.database.selectFrom('performed_step').selectAll().execute();
    expect(JSON.stringify(kept)).not.toContain('Secret');
  });

  it('announces nothing when it is given up', async () => {
    const uid = newUid();
    const messages = [create(uid, stepOf('IN PROGRESS', 'given-up', [['1', 3]])), set(uid, stepOf('DISCONTINUED'))];
    expect(await send(MPPS, messages)).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(await announced('given-up')).toEqual([]);
  });

  it.each<[what: string, message: Message, status: number]>([
    ['a step that begins COMPLETED', create('1.2.3.1', stepOf('COMPLETED')), 0x0106],
    ['a status of another world', create('1.2.3.2', stepOf('DONE')), 0x0106],
    ['no status', create('1.2.3.3', datasetBytes([[0x00080060, 'CS', 'CT']])), 0x0120],
    ['SQL for a UID', create("1.2'; DROP TABLE series; --", stepOf('IN PROGRESS')), 0x0106],
    ['a path for a UID', create('../../../etc/passwd', stepOf('IN PROGRESS')), 0x0106],
    ['a change of nothing', set('1.2.3.4', stepOf('COMPLETED')), 0x0112],
    ['a change of what is no UID', set("' OR ''='", stepOf('COMPLETED')), 0x0112],
    ['noise', create('1.2.3.5', Buffer.alloc(3000, 0xff)), 0x0110],
    ['no data set', create('1.2.3.6', Buffer.alloc(0)), 0x0110],
    ['1001 series', create('1.2.3.7', stepOf('IN PROGRESS', 's', many(1001))), 0x0213],
    ['a series that is no UID', create('1.2.3.8', badSeries()), 0x0106],
    ['more images than are counted', create('1.2.3.9', stepOf('IN PROGRESS', 's', [['1', 20_001]])), 0x0213],
  ])('refuses %s, and the association lives', async (_what, message, status) => {
    const after = create(newUid(), stepOf('IN PROGRESS'));
    expect(await send(MPPS, [message, after])).toEqual([
      [status, 0],
      [0, 0],
    ]);
  });

  it('is changed by who has created it, and nobody else', async () => {
    const uid = newUid();
    await send(MPPS, [create(uid, stepOf('IN PROGRESS'))]);
    expect(await send(MPPS, [set(uid, stepOf('COMPLETED'))], 'ANOTHER')).toEqual([[0x0112, 0]]);
    expect(await send(MPPS, [set(uid, stepOf('COMPLETED'))])).toEqual([[0, 0]]);
  });

  it('gets a UID of ours where the requestor leaves it open', async () => {
    expect(await send(MPPS, [{ field: N_CREATE, dataset: stepOf('IN PROGRESS') }])).toEqual([[0, 0]]);
  });
});

describe('Instance Availability Notification as SCP (PS3.4 Annex R)', () => {
  const available = (study: string, availabilities: readonly string[]) =>
    datasetBytes([
      [0x0020000d, 'UI', study === '' ? '' : studyUid(study)],
      [
        0x00081115,
        'SQ',
        [
          [
            [0x0020000e, 'UI', seriesUid(study)],
            [
              0x00081199,
              'SQ',
              availabilities.map((availability, at): Element[] => [
                ...reference(instanceUid(study, '1', at)),
                [0x00080056, 'CS', availability],
              ]),
            ],
          ],
        ],
      ],
    ]);

  it('announces what can be had', async () => {
    const dataset = available('available', ['ONLINE', 'NEARLINE', 'OFFLINE', 'UNAVAILABLE', 'ONLINE']);
    expect(await send(IAN, [create(newUid(), dataset)])).toEqual([[0, 0]]);
    expect(await announced('available')).toMatchObject([{ source: 'availability', instances: 3 }]);
  });

  it('is refused without a study, and has nothing to set', async () => {
    const [empty, whole] = [available('', ['ONLINE']), available('x', ['ONLINE'])];
    expect(await send(IAN, [create(newUid(), empty), set(newUid(), whole)])).toEqual([
      [0x0120, 0],
      [0x0211, 0],
    ]);
  });
});

describe.skipIf(!hasPynetdicom())('pynetdicom', () => {
  const title = 'PYMODALITY';
  const json = (elements: Readonly<Record<string, readonly [vr: string, ...values: unknown[]]>>) =>
    Object.fromEntries(Object.entries(elements).map(([tag, [vr, ...Value]]) => [tag, { vr, Value }]));
  const images = (study: string, count: number) =>
    Array.from({ length: count }, (_, at) =>
      json({ '00081150': ['UI', CT], '00081155': ['UI', instanceUid(study, '1', at)] }),
    );

  it('creates and sets a step', async () => {
    const uid = newUid();
    const scheduled = json({ '0020000D': ['UI', studyUid('py-step')] });
    const made = json({ '0020000E': ['UI', seriesUid('py-step')], '00081140': ['SQ', ...images('py-step', 4)] });
    const created = json({
      '00080060': ['CS', 'CT'],
      '00400252': ['CS', 'IN PROGRESS'],
      '00400270': ['SQ', scheduled],
    });
    const completed = json({ '00400252': ['CS', 'COMPLETED'], '00400340': ['SQ', made] });
    const messages = [
      { is: 'create', uid, dataset: created },
      { is: 'set', uid, dataset: completed },
      { is: 'set', uid, dataset: completed },
    ];
    const { statuses } = await pynetdicom('step', { port: ours.port, title, messages });
    expect(statuses).toEqual([
      [0, 0],
      [0, 0],
      [0x0110, 0xa710],
    ]);
    expect(await announced('py-step')).toMatchObject([{ source: 'mpps', instances: 4, AETitle: title }]);
  });

  it('notifies of what is available', async () => {
    const sops = images('py-ian', 3).map((one) => ({ ...one, ...json({ '00080056': ['CS', 'ONLINE'] }) }));
    const series = json({ '0020000E': ['UI', seriesUid('py-ian')], '00081199': ['SQ', ...sops] });
    const dataset = json({ '0020000D': ['UI', studyUid('py-ian')], '00081115': ['SQ', series] });
    expect(await pynetdicom('notify', { port: ours.port, title, uid: newUid(), dataset })).toEqual({ status: 0 });
    expect(await announced('py-ian')).toMatchObject([{ source: 'availability', instances: 3 }]);
  });
});

describe.skipIf(!hasDcmjsDimse())('dcmjs-dimse', () => {
  it('creates and sets a step, and notifies', async () => {
    const [uid, study, series] = [newUid(), studyUid('js-step'), seriesUid('js-step')];
    const sops = [1, 2].map((at) => ({
      ReferencedSOPClassUID: CT,
      ReferencedSOPInstanceUID: instanceUid('js-step', '1', at),
    }));
    const created = {
      Modality: 'CT',
      PerformedProcedureStepStatus: 'IN PROGRESS',
      ScheduledStepAttributesSequence: [{ StudyInstanceUID: study }],
    };
    const completed = {
      PerformedProcedureStepStatus: 'COMPLETED',
      PerformedSeriesSequence: [{ SeriesInstanceUID: series, ReferencedImageSequence: sops }],
    };
    const ReferencedSOPSequence = sops.map((sop) => ({ ...sop, InstanceAvailability: 'ONLINE' }));
    const available = {
      StudyInstanceUID: study,
      ReferencedSeriesSequence: [{ SeriesInstanceUID: series, ReferencedSOPSequence }],
    };
    const messages = [
      { is: 'create', sopClass: MPPS, uid, elements: created },
      { is: 'set', sopClass: MPPS, uid, elements: completed },
      { is: 'set', sopClass: MPPS, uid, elements: completed },
      { is: 'create', sopClass: IAN, uid: newUid(), elements: available },
    ];
    const { statuses } = await dcmjsDimse('send', { port: ours.port, title: 'JSMODALITY', messages });
    expect(statuses).toEqual([0, 0, 0x0110, 0]);
    const said = (await announced('js-step')).map(({ source, instances }) => [source, instances]);
    expect(said.toSorted()).toEqual([
      ['availability', 2],
      ['mpps', 2],
    ]);
  });
});

function many(count: number): readonly (readonly [string, number])[] {
  return Array.from({ length: count }, (_, at) => [String(at), 1]);
}

function badSeries(): Uint8Array {
  return datasetBytes([
    [0x00400252, 'CS', 'IN PROGRESS'],
    [0x00400340, 'SQ', [[[0x0020000e, 'UI', "1.2'; --"]]]],
  ]);
}
