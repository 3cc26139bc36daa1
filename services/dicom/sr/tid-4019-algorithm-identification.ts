import { CONCEPT } from './codes.ts';
import { type ContentItem, text, textIfAny } from './content-item.ts';

export interface AlgorithmIdentification {
  readonly name: string;
  readonly version: string;
  readonly parameters: readonly string[];
}

/** TID 4019: name and version are mandatory, so one that is empty says that it is unknown. */
export const tid4019AlgorithmIdentification = (algorithm: AlgorithmIdentification): ContentItem[] => [
  text('HAS CONCEPT MOD', CONCEPT.algorithmName, algorithm.name.trim() || 'unknown'),
  text('HAS CONCEPT MOD', CONCEPT.algorithmVersion, algorithm.version.trim() || 'unknown'),
  ...algorithm.parameters.flatMap((parameter) => textIfAny('HAS CONCEPT MOD', CONCEPT.algorithmParameters, parameter)),
];
