import { describe, expect, it } from 'vitest';
import { imageModality, isMultiFrame, modalityCode } from '../../../services/dicom/sr/codes.ts';
import { codeItem, container, image, num, textIfAny } from '../../../services/dicom/sr/content-item.ts';
import { tid1600ImageLibrary } from '../../../services/dicom/sr/tid-1600-image-library.ts';

const CONCEPT = { value: '111030', scheme: 'DCM', meaning: 'Image Region' };
const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';

describe('Code Sequence Macro (PS3.3 §8.8)', () => {
  it('writes up to 16 characters as a Code Value, more as a Long Code Value (§8.1)', () => {
    expect(codeItem({ ...CONCEPT, value: 'x'.repeat(16) })).toHaveProperty('CodeValue', 'x'.repeat(16));
    expect(codeItem({ ...CONCEPT, value: 'x'.repeat(17) })).toEqual({
      LongCodeValue: 'x'.repeat(17),
      CodingSchemeDesignator: 'DCM',
      CodeMeaning: 'Image Region',
    });
  });

  it('shortens a meaning to its 64 characters', () => {
    expect(codeItem({ ...CONCEPT, meaning: 'm'.repeat(65) }).CodeMeaning).toBe(`${'m'.repeat(61)}...`);
  });
});

describe('content items (PS3.3 §C.17.3)', () => {
  it('have no empty ContentSequence, and a template only at its root', () => {
    expect(container(undefined, CONCEPT, [], '1500')).toEqual({
      ValueType: 'CONTAINER',
      ConceptNameCodeSequence: [codeItem(CONCEPT)],
      ContinuityOfContent: 'SEPARATE',
      ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: '1500' }],
    });
    expect(container('CONTAINS', CONCEPT, [])).not.toHaveProperty('ContentTemplateSequence');
  });

  it('are left out when there is no text: TextValue is type 1', () => {
    expect(textIfAny('CONTAINS', CONCEPT, ' \u0000\n')).toEqual([]);
    expect(textIfAny('CONTAINS', CONCEPT, 'x')).toHaveLength(1);
  });

  it('hold a number as DS with its unit', () => {
    const unit = { value: 'mm', scheme: 'UCUM', meaning: 'millimeter' };
    expect(num('CONTAINS', CONCEPT, { value: 1 / 3, decimals: 2, unit }).MeasuredValueSequence).toEqual([
      { NumericValue: '0.33', MeasurementUnitsCodeSequence: [codeItem(unit)] },
    ]);
  });

  it('name frames only where some are given', () => {
    const reference = { SOPClassUID: CT_IMAGE, SOPInstanceUID: '1.2.3' };
    expect(image('CONTAINS', reference).ReferencedSOPSequence).toEqual([
      { ReferencedSOPClassUID: CT_IMAGE, ReferencedSOPInstanceUID: '1.2.3' },
    ]);
    expect(image('CONTAINS', { ...reference, frames: [3, 4] }).ReferencedSOPSequence).toMatchObject([
      { ReferencedFrameNumber: [3, 4] },
    ]);
  });
});

describe('image library (TID 1600)', () => {
  const images = [{ SOPClassUID: CT_IMAGE, SOPInstanceUID: '1.2.3' }];

  it('leaves out a group whose modality is not in CID 29, or that is empty', () => {
    const library = tid1600ImageLibrary([
      { modality: 'PDF', images },
      { modality: 'toString', images },
      { modality: 'CT', images: [] },
    ]);
    expect(library).not.toHaveProperty('ContentSequence');
  });

  it('tells modality and frames from the SOP Class', () => {
    expect([imageModality(CT_IMAGE), imageModality('1.2.840.10008.5.1.4.1.1.104.1')]).toEqual(['CT', undefined]);
    expect([isMultiFrame(CT_IMAGE), isMultiFrame(`${CT_IMAGE}.1`)]).toEqual([false, true]);
    expect(modalityCode('CT')).toEqual({ value: 'CT', scheme: 'DCM', meaning: 'Computed Tomography' });
  });
});
