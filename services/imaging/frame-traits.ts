import { TAG } from '../dicom/dataset/tags.ts';
import type { Frame } from './image-frames.ts';

/**
 * What may tell the phases, acquisitions and stacks of one series apart: values by attribute, absent ones left out. A
 * component of Dimension Index Values has its 1-based place behind the keyword.
 */
export type Traits = ReadonlyMap<string, string>;

interface Source {
  readonly tag: number;
  /** The functional group of a multi-frame image. */
  readonly macro?: number;
}

/** By the name under which a person is told; the first source that holds a value counts. */
// biome-ignore format: a table
const SOURCES: Readonly<Record<string, readonly Source[]>> = {
  StackID: [{ tag: TAG.StackID, macro: TAG.FrameContentSequence }],
  TemporalPosition: [
    { tag: TAG.TemporalPositionIndex, macro: TAG.FrameContentSequence },
    { tag: TAG.TemporalPositionIdentifier },
  ],
  CardiacPhase: [{ tag: TAG.NominalPercentageOfCardiacPhase, macro: TAG.CardiacSynchronizationSequence }],
  EchoTime: [{ tag: TAG.EffectiveEchoTime, macro: TAG.MREchoSequence }, { tag: TAG.EchoTime }],
  EchoNumbers: [{ tag: TAG.EchoNumbers }],
  DiffusionBValue: [{ tag: TAG.DiffusionBValue, macro: TAG.MRDiffusionSequence }],
  ContrastBolusAgentPhase: [{ tag: TAG.ContrastBolusAgentPhase, macro: TAG.ContrastBolusUsageSequence }],
  AcquisitionNumber: [
    { tag: TAG.FrameAcquisitionNumber, macro: TAG.FrameContentSequence },
    { tag: TAG.AcquisitionNumber },
  ],
  TriggerTime: [
    { tag: TAG.NominalCardiacTriggerDelayTime, macro: TAG.CardiacSynchronizationSequence },
    { tag: TAG.TriggerTime },
  ],
  AcquisitionTime: [
    { tag: TAG.FrameAcquisitionDateTime, macro: TAG.FrameContentSequence },
    { tag: TAG.AcquisitionDateTime },
    { tag: TAG.AcquisitionTime },
  ],
};

/** Frame vectors of a nuclear medicine image other than that of its slices (PS3.3 §C.8.4.8). */
const VECTORS = [
  'EnergyWindowVector',
  'DetectorVector',
  'PhaseVector',
  'RotationVector',
  'RRIntervalVector',
  'TimeSlotVector',
  'AngularViewVector',
  'TimeSliceVector',
] as const;

export function frameTraits({ at, number }: Pick<Frame, 'at' | 'number'>): Traits {
  const traits = new Map<string, string>();
  const note = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') traits.set(name, value);
  };
  for (const [name, sources] of Object.entries(SOURCES)) note(name, firstValue(at, sources));
  // Free text, so only whether there is one.
  note('ContrastBolusAgent', at(TAG.ContrastBolusAgent).string(TAG.ContrastBolusAgent) === '' ? 'no' : 'yes');
  for (const name of VECTORS) note(name, at(TAG[name]).numbers(TAG[name])[number - 1]?.toString());
  const indices = at(TAG.DimensionIndexValues, TAG.FrameContentSequence).numbers(TAG.DimensionIndexValues);
  for (const [place, index] of indices.entries()) note(`DimensionIndexValues ${place + 1}`, String(index));
  return traits;
}

function firstValue(at: Frame['at'], sources: readonly Source[]): string | undefined {
  for (const { tag, macro } of sources) {
    const dataset = at(tag, macro);
    const value = dataset.number(tag)?.toString() ?? dataset.string(tag);
    if (value !== '') return value;
  }
  return undefined;
}
