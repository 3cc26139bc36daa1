import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeReport } from '../../services/report/findings-to-sr.ts';
import { hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { dciodvfy, dsrdump, hasDciodvfy, hasDsrdump, hasPixelMed, pixelMed } from '../support/sr-validators.ts';
import { read } from './content-tree.ts';
import { realSource } from './real-series.ts';
import { chineseName, findings, notAnalysable, SHAPES, study } from './report-sources.ts';

const shapes = Object.entries({
  ...SHAPES,
  'empty type 2 attributes': () => ({
    ...notAnalysable(),
    considered: [],
    study: {
      ...Object.fromEntries(Object.keys(study).map((keyword) => [keyword, ''])),
      StudyInstanceUID: study.StudyInstanceUID,
    } as typeof study,
  }),
});

/** What dciodvfy remarks on by design: scheme 99OVERREAD is private, and a DICOMDIR would need what the images lack. */
const EXPECTED_OF_DCIODVFY = /Unrecognized defined term = <99|needed to build DICOMDIR/;

describe.skipIf(!hasDciodvfy)('dciodvfy (dicom3tools) finds no error', () => {
  it.each(shapes)('%s', async (_name, shape) => {
    const { errors, warnings } = await dciodvfy(encodeReport(shape()));
    expect(errors).toEqual([]);
    expect(warnings.filter((line) => !EXPECTED_OF_DCIODVFY.test(line))).toEqual([]);
  });
});

/** dcmtk's checker of lengths knows no UTF-8; it says so and checks the rest. */
const EXPECTED_OF_DSRDUMP = /does not support this Specific Character Set: ISO_IR 192/;

describe.skipIf(!hasDsrdump)('dsrdump (dcmtk) reads every report', () => {
  it.each(shapes)('%s', async (_name, shape) => {
    const { errors, warnings } = await dsrdump(encodeReport(shape()));
    expect(errors).toEqual([]);
    expect(warnings.filter((line) => !EXPECTED_OF_DSRDUMP.test(line))).toEqual([]);
  });

  it('shows the name in its three groups and the label', async () => {
    const { text } = await dsrdump(encodeReport(chineseName()));
    expect(text).toContain('Zhang^Xiaodong=张^小东=ㄓㄤ^ㄒㄧㄠㄉㄨㄥ');
    expect(text).toContain('Research use only, not for diagnosis.');
  });
});

/**
 * TID 1501 of its edition has no comment and no code of ours for the density; the template is extensible, and viewers show
 * the comment as the label of the mark.
 */
const EXPECTED_OF_PIXELMED =
  /(TEXT \(121106,DCM,"Comment"\)|CODE \(LESION_DENSITY,99OVERREAD,"Density of the lesion"\)).*: Content Item not in template/;

/** It holds content against templates: two have that of others under another header, and its time grows with the square of the findings. */
const NOT_FOR_PIXELMED = new Set(['a name in three groups', 'empty type 2 attributes', '25 findings']);
const ofPixelMed = Object.entries({ ...Object.fromEntries(shapes), '8 findings': () => findings(8) }).filter(
  ([name]) => !NOT_FOR_PIXELMED.has(name),
);

describe.skipIf(!hasPixelMed)(
  'PixelMed DicomSRValidator (pixelmed-apps, javac) finds no error',
  { timeout: 180_000 },
  () => {
    it.each(ofPixelMed)('%s', async (_name, shape) => {
      const { errors, warnings } = await pixelMed(encodeReport(shape()));
      expect(errors).toEqual([]);
      expect(warnings.filter((line) => !EXPECTED_OF_PIXELMED.test(line))).toEqual([]);
    });

    it('but where the observer has no UID, and none again in the next report', async () => {
      const { dataset, ...report } = encodeReport(findings(1));
      const without = Buffer.from(Buffer.from(dataset).toString('latin1').replace('121012', '121999'), 'latin1');
      const { errors } = await pixelMed({ ...report, dataset: without });
      expect(errors.join('\n')).toMatch(/121012.*Missing required content item/s);
      expect((await pixelMed({ ...report, dataset })).errors).toEqual([]);
    });
  },
);

describe.skipIf(!hasSharedData)('over a real CT (../shared/data/ct/lidc-0063)', { timeout: 180_000 }, () => {
  const Cases = z.object({ cases: z.array(z.looseObject({ patient: z.string() })) });
  const Lesions = z.object({
    lesions: z.array(
      z.object({ center_lps_mm: z.tuple([z.number(), z.number(), z.number()]), diameter_mm: z.number() }),
    ),
  });
  const source = () => {
    const { cases } = Cases.parse(JSON.parse(readFileSync(join(SHARED_DATA, 'ct/ground-truth.json'), 'utf8')));
    const { lesions } = Lesions.parse(cases.find(({ patient }) => patient === 'LIDC-IDRI-0063'));
    return realSource(
      join(SHARED_DATA, 'ct/lidc-0063'),
      lesions.map((lesion) => ({ center: lesion.center_lps_mm, diameterMm: lesion.diameter_mm })),
    );
  };

  it('refers to all 133 images and says whose they are', () => {
    const dataset = read(source());
    const [reference] = dataset.sequence(0x0040a375);
    expect(reference?.sequence(0x00081115)[0]?.sequence(0x00081199)).toHaveLength(133);
    expect(dataset.string(0x00100020)).toBe('LIDC-IDRI-0063');
  });

  it.skipIf(!hasDciodvfy)('dciodvfy finds no error', async () => {
    expect((await dciodvfy(encodeReport(source()))).errors).toEqual([]);
  });

  it.skipIf(!hasDsrdump)('dsrdump reads it', async () => {
    expect((await dsrdump(encodeReport(source()))).errors).toEqual([]);
  });

  it.skipIf(!hasPixelMed)('PixelMed finds no error', async () => {
    expect((await pixelMed(encodeReport(source()))).errors).toEqual([]);
  });
});
