import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { GraphFacts } from '../onnx/read-graph.ts';
import { acceptsVolumes, type Draft, type Imported } from './draft.ts';

/** `dataset.json`, as far as it is read. */
export const NnunetDataset = z.looseObject({
  name: z.string().default(''),
  licence: z.string().optional(),
  channel_names: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.number().int().min(0).max(255)),
});

const Intensity = z.looseObject({
  mean: z.number(),
  std: z.number().positive(),
  percentile_00_5: z.number(),
  percentile_99_5: z.number(),
});

/** `plans.json`, as far as it is read. */
export const NnunetPlans = z.looseObject({
  transpose_forward: z.array(z.number().int()).length(3),
  foreground_intensity_properties_per_channel: z.record(z.string(), Intensity),
  configurations: z.looseObject({
    '3d_fullres': z.looseObject({
      patch_size: z.array(z.number().int().positive()).length(3),
      spacing: z.array(z.number().positive()).length(3),
      normalization_schemes: z.array(z.string()).min(1),
    }),
  }),
});

const LESION = /lesion|tumou?r|nodul|cancer|metasta|mass|aneurysm|haemorrhage|hemorrhage/i;

/**
 * Reads a trained configuration of nnU-Net (3d_fullres): logits of every label, axes N C D H W.
 *
 * @throws {AppError} MODEL_INVALID for several channels, transposed axes or an unknown normalization.
 */
export function importNnunet(
  { inputs, outputs }: GraphFacts,
  dataset: z.infer<typeof NnunetDataset>,
  plans: z.infer<typeof NnunetPlans>,
): Imported {
  const channels = Object.values(dataset.channel_names);
  if (channels.length !== 1) throw new AppError('MODEL_INVALID', `it reads ${channels.length} channels, not one`);
  if (plans.transpose_forward.join() !== '0,1,2')
    throw new AppError('MODEL_INVALID', `it reads transposed axes (${plans.transpose_forward.join(', ')})`);
  const [input, output] = [inputs[0], outputs[0]];
  if (input === undefined || output === undefined)
    throw new AppError('MODEL_INVALID', 'the graph has no input or output');
  const { patch_size: roi, spacing, normalization_schemes: schemes } = plans.configurations['3d_fullres'];
  const labels = Object.entries(dataset.labels).sort(([, a], [, b]) => a - b);
  const lesions = lesionLabels(labels);
  const modality = channels[0] === 'CT' ? 'CT' : undefined;
  return {
    source: 'a configuration of nnU-Net',
    title: dataset.name,
    license: dataset.licence,
    classes: lesions.map(([name]) => name),
    blocks: {
      kind: 'segmentation',
      dims: '3d',
      accepts: acceptsVolumes(modality),
      preprocess: [
        modality === 'CT' ? { op: 'modalityLut', to: 'HU' } : { op: 'modalityLut' },
        { op: 'reorient', axes: 'source' },
        {
          ...{ op: 'resample', spacingMm: spacing, order: 'zyx', interpolation: 'cubic' },
          ...{ antialias: false, align: 'corner' },
        },
        ...normalization(schemes[0] ?? '', plans.foreground_intensity_properties_per_channel['0']),
      ],
      inputs: [{ name: input.name, layout: 'NCDHW', dtype: 'float32', shape: input.dims ?? [1, 1, ...roi] }],
      tiling: { mode: 'sliding', roi, overlap: 0.5, blend: 'gaussian', sigmaScale: 0.125, batch: 1, stage: 'heads' },
      outputs: [
        {
          name: output.name,
          role: 'segLogits',
          layout: 'NCDHW',
          activation: 'softmax',
          channels: labels.map(([name]) => name),
        },
      ],
      decode: {
        family: 'segmentation',
        foreground: lesions.map(([, channel]) => channel),
        threshold: 0.5,
        connectivity: 26,
        minVolumeMm3: 30,
        score: 'p95',
        diameter: 'maxFeret',
      },
      postprocess: [{ op: 'limit', max: 100 }],
    },
    assumed: [
      `decode.foreground: lesions are ${lesions.map(([name]) => name).join(', ')}, by their names`,
      'no mirroring at test time: nnU-Net mirrors along every axis by default, which takes eight times as long (tta.flips)',
      'no crop to what is not zero, which changes nothing for CT',
    ],
  };
}

/** Labels that are called lesions; all but the background when none is. */
function lesionLabels(labels: readonly [string, number][]): readonly [string, number][] {
  const named = labels.filter(([name]) => LESION.test(name));
  return named.length > 0 ? named : labels.filter(([, value]) => value !== 0);
}

function normalization(scheme: string, intensity: z.infer<typeof Intensity> | undefined): Draft[] {
  if (scheme === 'ZScoreNormalization') return [{ op: 'zscore', of: 'image' }];
  if (scheme !== 'CTNormalization' || intensity === undefined)
    throw new AppError('MODEL_INVALID', `the normalization ${scheme.slice(0, 60)} is not known`);
  const { mean, std, percentile_00_5: min, percentile_99_5: max } = intensity;
  return [
    { op: 'clip', min, max },
    { op: 'zscore', mean, std },
  ];
}
