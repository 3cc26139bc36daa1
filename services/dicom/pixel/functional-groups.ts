import type { Attributes } from '../dataset/attributes.ts';
import { TAG } from '../dataset/tags.ts';

/**
 * Where the attributes of a functional group stand for one frame (0-based; PS3.3 §C.7.6.16): in its own item, in the one
 * that all frames share, or, for an object without functional groups, in the data set itself.
 */
export function groupOfFrame(attributes: Attributes, macro: number, frame: number): Attributes {
  const own = attributes.sequence(TAG.PerFrameFunctionalGroupsSequence)[frame];
  const shared = attributes.sequence(TAG.SharedFunctionalGroupsSequence)[0];
  return own?.sequence(macro)[0] ?? shared?.sequence(macro)[0] ?? attributes;
}
