import { openAssociation, type Peer } from '../../services/dicom/net/open-association.ts';
import { newUid } from './arrivals.ts';
import { datasetBytes, type Element } from './dicom-bytes.ts';

/** What a modality and a PACS say of images beside sending them: performed steps and notifications of availability. */
const [N_SET, N_CREATE] = [0x0120, 0x0140];
const MPPS = '1.2.840.10008.3.1.2.3.3';
const IAN = '1.2.840.10008.5.1.4.33';
const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

export interface NamedSeries {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly instances: readonly { readonly SOPClassUID: string; readonly SOPInstanceUID: string }[];
}

/** A step that made this series: created, and completed. @throws when one of the two is refused. */
export async function completeStep(peer: Peer, { StudyInstanceUID, ...series }: NamedSeries): Promise<void> {
  const uid = newUid();
  const made: Element[] = [
    [0x0020000e, 'UI', series.SeriesInstanceUID],
    [0x00081140, 'SQ', series.instances.map(reference)],
  ];
  const begun = datasetBytes([
    [0x00080060, 'CS', 'CT'],
    [0x00400252, 'CS', 'IN PROGRESS'],
    [0x00400270, 'SQ', [[[0x0020000d, 'UI', StudyInstanceUID]]]],
  ]);
  const ended = datasetBytes([
    [0x00080060, 'CS', 'CT'],
    [0x00400252, 'CS', 'COMPLETED'],
    [0x00400340, 'SQ', [made]],
  ]);
  await say(peer, MPPS, { AffectedSOPClassUID: MPPS, AffectedSOPInstanceUID: uid, CommandField: N_CREATE }, begun);
  await say(peer, MPPS, { RequestedSOPClassUID: MPPS, RequestedSOPInstanceUID: uid, CommandField: N_SET }, ended);
}

/** Says that this series can be had. @throws when it is refused. */
export async function notifyAvailable(peer: Peer, { StudyInstanceUID, ...series }: NamedSeries): Promise<void> {
  const sops = series.instances.map((one): Element[] => [...reference(one), [0x00080056, 'CS', 'ONLINE']]);
  const items: Element[][] = [
    [
      [0x0020000e, 'UI', series.SeriesInstanceUID],
      [0x00081199, 'SQ', sops],
    ],
  ];
  const dataset = datasetBytes([
    [0x0020000d, 'UI', StudyInstanceUID],
    [0x00081115, 'SQ', items],
  ]);
  await say(peer, IAN, { AffectedSOPClassUID: IAN, AffectedSOPInstanceUID: newUid(), CommandField: N_CREATE }, dataset);
}

async function say(peer: Peer, abstractSyntax: string, command: object, dataset: Uint8Array): Promise<void> {
  const contexts = [{ id: 1, abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }];
  const association = await openAssociation(peer, 'MODALITY', { contexts });
  const { Status } = await association.request(1, { ...command, MessageID: 1, CommandDataSetType: 0 }, [dataset]);
  await association.release();
  if (Status !== 0) throw new Error(`answered ${Status}`);
}

const reference = ({ SOPClassUID, SOPInstanceUID }: NamedSeries['instances'][number]): Element[] => [
  [0x00081150, 'UI', SOPClassUID],
  [0x00081155, 'UI', SOPInstanceUID],
];
