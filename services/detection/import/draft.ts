import { FILL_IN } from '../load-model.ts';
import type { GraphFacts } from '../onnx/read-graph.ts';
import { STANDARD_OPSET } from '../onnx/read-graph.ts';

/** A manifest in the making: closed by its schema only when a person has filled in what no export says. */
export type Draft = Readonly<Record<string, unknown>>;

/** What an importer read out of an export. */
export interface Imported {
  /** What made it: `Ultralytics 8.3.0`. */
  readonly source: string;
  /** The blocks of the manifest that the export decides. */
  readonly blocks: Draft;
  readonly title: string;
  readonly version?: string | undefined;
  readonly license?: string | undefined;
  /** Names of the classes, in the order of their ids. */
  readonly classes: readonly string[];
  /** What was assumed, in sentences: to be checked by a person. */
  readonly assumed: readonly string[];
}

/** The graph of an export: its bytes are copied as they are. */
export interface ExportedGraph {
  readonly facts: GraphFacts;
  readonly sha256: string;
  readonly bytes: number;
}

export const GRAPH_FILE = 'model.onnx';
const fillIn = (what: string): string => `${FILL_IN}: ${what}`;
/** For fields that hold a short word. */
const WORD = FILL_IN;

const SEMVER = /^\d+\.\d+\.\d+$/;
const FLOAT16 = 10;

/** Everything that every manifest has, with `FILL IN` wherever only a person knows the answer. */
export function draftOf(id: string, imported: Imported, { facts, sha256, bytes }: ExportedGraph): Draft {
  const { blocks, title, version = '', license, classes } = imported;
  const isHalf = facts.tensors.some(({ dtypeCode }) => dtypeCode === FLOAT16);
  return {
    schemaVersion: '1.0',
    id,
    version: SEMVER.test(version) ? version : '0.1.0',
    title: title.slice(0, 200) || fillIn('a title'),
    license: license || fillIn('the licence of the weights'),
    ...identity(blocks),
    artifacts: [
      {
        path: GRAPH_FILE,
        sha256,
        bytes,
        precision: isHalf ? 'fp16' : 'fp32',
        opset: facts.opsets.get(STANDARD_OPSET) ?? 0,
      },
    ],
    ...blocks,
    classes: classes.map((name, index) => ({
      id: index,
      name: name.slice(0, 64),
      code: { scheme: 'SCT', value: WORD, meaning: fillIn('what the code means') },
    })),
    operatingPoints: [
      { id: 'default', threshold: 0.5, default: true, ground: fillIn('where this threshold comes from') },
    ],
    report: {
      measurements: ['longAxisMm'],
      structure: 'TID1500',
      geometry: blocks.dims === '2d' ? 'box' : 'scoord3d-sphere',
      algorithm: { name: id, manufacturer: fillIn('who answers for it') },
      banner: 'RESEARCH USE ONLY - not a medical device',
    },
    runtime: {
      providers: ['cpu'],
      intraOpThreads: 0,
      warmupRuns: 0,
      estimate: { gflopPerStudy: 0, cpuMemoryMb: 0 },
    },
    card: {
      intendedUse: fillIn('what it is for'),
      clinicalUse: false,
      regulatory: 'none',
      population: fillIn('whom it was trained and tested on'),
      label: fillIn('the sentences a reader must know'),
      limitations: [fillIn('what it misses and what it marks wrongly')],
      trainingData: { kind: 'operator-supplied', summary: fillIn('what it was trained on') },
    },
  };
}

/** `kind` and `dims` stand at the top of a manifest. */
const identity = ({ kind, dims }: Draft): Draft => ({ kind, dims });

/** Which images: an export does not say. */
export const acceptsVolumes = (modality: string | undefined): Draft => ({
  modality: [modality ?? WORD],
  sopClassUids: modality === 'CT' ? ['1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.5.1.4.1.1.2.1'] : [WORD],
  bodyPart: [fillIn('the parts of the body')],
  imageTypeExclude: ['LOCALIZER', 'DERIVED\\SECONDARY'],
  orientation: { plane: 'axial', toleranceDeg: 10 },
  minSlices: 16,
  sliceThicknessMm: { warnAbove: 2.5, rejectAbove: 5 },
  spacingUniformityMm: 0.1,
  rank: ['thinnest', 'softKernel', 'mostSlices'],
});

export const acceptsImages = (): Draft => ({
  modality: [WORD],
  sopClassUids: [WORD],
  bodyPart: [fillIn('the parts of the body')],
  viewPosition: [fillIn('the views, or leave this out')],
});
