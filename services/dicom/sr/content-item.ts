import type { Code } from '../../domain/report-source.ts';
import type { PlainDataset } from '../dataset/write-dataset.ts';
import { fitLine, fitLongText, fitNumber, fitPersonName, fitText } from './fit-value.ts';

/**
 * Content items of a structured report (PS3.3 §C.17.3), one function per value type, as plain objects by PS3.6 keyword.
 * Children follow in document order.
 */
export type ContentItem = PlainDataset;

/** Relationship of an item to the one it hangs from (PS3.3 Table C.17.3.2.4). */
export type Relationship =
  | 'CONTAINS'
  | 'HAS OBS CONTEXT'
  | 'HAS ACQ CONTEXT'
  | 'HAS CONCEPT MOD'
  | 'HAS PROPERTIES'
  | 'INFERRED FROM'
  | 'SELECTED FROM';

export interface ImageReference {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  /** 1-based; only for an image that has several, of which not all are meant (PS3.3 §10.3). */
  readonly frames?: readonly number[];
}

const CODE_VALUE_LIMIT = 16;
const CODE_MEANING_LIMIT = 64;

/** Code Sequence Macro (PS3.3 §8.8). A value of more than 16 characters is a Long Code Value (§8.1). */
export function codeItem({ value, scheme, meaning }: Code): PlainDataset {
  const code = fitLine(value);
  return {
    ...(code.length <= CODE_VALUE_LIMIT ? { CodeValue: code } : { LongCodeValue: code }),
    CodingSchemeDesignator: fitText(scheme, CODE_VALUE_LIMIT),
    CodeMeaning: fitText(meaning, CODE_MEANING_LIMIT),
  };
}

function item(
  relationship: Relationship | undefined,
  ValueType: string,
  concept: Code | undefined,
  value: PlainDataset,
  children: readonly ContentItem[] = [],
): ContentItem {
  return {
    ...(relationship && { RelationshipType: relationship }),
    ValueType,
    ...(concept && { ConceptNameCodeSequence: [codeItem(concept)] }),
    ...value,
    ...(children.length > 0 && { ContentSequence: children }),
  };
}

/** CONTAINER of separate items; `template` where the container is the root of one (PS3.3 §C.18.8). */
export function container(
  relationship: Relationship | undefined,
  concept: Code,
  children: readonly ContentItem[],
  template?: string,
): ContentItem {
  const templateItem = { MappingResource: 'DCMR', TemplateIdentifier: template ?? '' };
  const value = { ContinuityOfContent: 'SEPARATE', ...(template && { ContentTemplateSequence: [templateItem] }) };
  return item(relationship, 'CONTAINER', concept, value, children);
}

export const code = (relationship: Relationship, concept: Code, value: Code, children?: readonly ContentItem[]) =>
  item(relationship, 'CODE', concept, { ConceptCodeSequence: [codeItem(value)] }, children);

/** TEXT; an empty one is not allowed, so callers leave it out (`textIfAny`). */
export const text = (
  relationship: Relationship,
  concept: Code,
  value: string,
  children?: readonly ContentItem[],
): ContentItem => item(relationship, 'TEXT', concept, { TextValue: fitLongText(value) }, children);

/** The item, or none when there is nothing to say. */
export const textIfAny = (relationship: Relationship, concept: Code, value: string): ContentItem[] =>
  fitLongText(value).trim() === '' ? [] : [text(relationship, concept, value)];

export const uidref = (relationship: Relationship, concept: Code, UID: string): ContentItem =>
  item(relationship, 'UIDREF', concept, { UID });

/** PNAME. */
export const pname = (relationship: Relationship, concept: Code, name: string): ContentItem =>
  item(relationship, 'PNAME', concept, { PersonName: fitPersonName(name) });

/** NUM with one measured value (PS3.3 §C.18.1). */
export function num(
  relationship: Relationship,
  concept: Code,
  measured: { readonly value: number; readonly decimals: number; readonly unit: Code },
  children?: readonly ContentItem[],
): ContentItem {
  const value = {
    NumericValue: fitNumber(measured.value, measured.decimals),
    MeasurementUnitsCodeSequence: [codeItem(measured.unit)],
  };
  return item(relationship, 'NUM', concept, { MeasuredValueSequence: [value] }, children);
}

/** IMAGE (PS3.3 §C.18.4). */
export function image(relationship: Relationship, reference: ImageReference): ContentItem {
  const sop = {
    ReferencedSOPClassUID: reference.SOPClassUID,
    ReferencedSOPInstanceUID: reference.SOPInstanceUID,
    ...(reference.frames !== undefined && { ReferencedFrameNumber: reference.frames }),
  };
  return item(relationship, 'IMAGE', undefined, { ReferencedSOPSequence: [sop] });
}

/** SCOORD of an open or closed line on one image (PS3.3 §C.18.6): column, row, column, row … in pixels. */
export const polyline = (
  relationship: Relationship,
  concept: Code,
  GraphicData: readonly number[],
  on: ImageReference,
): ContentItem =>
  item(relationship, 'SCOORD', concept, { GraphicType: 'POLYLINE', GraphicData }, [image('SELECTED FROM', on)]);

/** SCOORD3D of an open line (PS3.3 §C.18.9): x, y, z, x, y, z … in mm, LPS. */
export const polyline3d = (
  relationship: Relationship,
  concept: Code,
  GraphicData: readonly number[],
  ReferencedFrameOfReferenceUID: string,
): ContentItem =>
  item(relationship, 'SCOORD3D', concept, { GraphicType: 'POLYLINE', GraphicData, ReferencedFrameOfReferenceUID });

/** SCOORD3D of an ellipsoid (PS3.3 §C.18.9): the two ends of each of its three axes, x, y, z in mm, LPS. */
export const ellipsoid = (
  relationship: Relationship,
  concept: Code,
  GraphicData: readonly number[],
  ReferencedFrameOfReferenceUID: string,
): ContentItem =>
  item(relationship, 'SCOORD3D', concept, { GraphicType: 'ELLIPSOID', GraphicData, ReferencedFrameOfReferenceUID });
