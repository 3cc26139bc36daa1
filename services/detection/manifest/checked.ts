import type { Accepts } from './accepts.ts';
import type { Decode } from './decode.ts';
import type { Postprocess } from './postprocess.ts';
import type { Preprocess } from './preprocess.ts';
import type { Input, Layout, Output, Tiling, Tta } from './tensors.ts';

/** What the rules between blocks look at; each block alone has passed its schema. */
export interface CheckedManifest {
  readonly kind: 'detection' | 'segmentation' | 'classification';
  readonly dims: '2d' | '2.5d' | '3d';
  readonly accepts: Accepts;
  readonly preprocess: readonly Preprocess[];
  readonly inputs: readonly [Input];
  readonly tiling: Tiling;
  readonly tta?: Tta | undefined;
  readonly outputs: readonly Output[];
  readonly decode: Decode;
  readonly postprocess: readonly Postprocess[];
  readonly classes: readonly { readonly id: number; readonly name: string }[];
  readonly operatingPoints: readonly { readonly default?: true | undefined }[];
  readonly report: { readonly sizes: 'model' | 'lungSegmentation' };
}

/** Where in the manifest and what is wrong there. */
export type Problem = readonly [path: readonly (string | number)[], message: string];

/** The rules of one block: every problem it has with the others. */
export type Rule = (manifest: CheckedManifest) => readonly Problem[];

/** The problem, if there is one. */
export const when = (isWrong: boolean, path: readonly (string | number)[], message: string): readonly Problem[] =>
  isWrong ? [[path, message]] : [];

/** How many spatial axes a layout has. */
export const rankOf = (layout: Layout): 2 | 3 => (layout === 'NCDHW' || layout === 'NCWHD' ? 3 : 2);
