import { TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import { type GetStorage, MAX_GET_CLASSES } from './retrieve-scu.ts';
import { STORAGE_SOP_CLASSES } from './sop-classes.ts';
import { TRANSFER_SYNTAXES } from './transfer-syntaxes.ts';

const PLAIN: readonly string[] = [TRANSFER_SYNTAX.explicitLittle, TRANSFER_SYNTAX.implicitLittle];
const NOT_PLAIN = TRANSFER_SYNTAXES.filter((uid) => !PLAIN.includes(uid));

/**
 * What a C-GET offers to take. Of classes that are known each in every transfer syntax, as far as there are contexts: the plain
 * ones together, each other in a context of its own, so that the peer can send what it holds as it is. Of unknown ones every
 * class of PS3.4 Annex B as far as there are contexts, plain, the retired ones last.
 */
export function wantedClasses(SOPClassUIDs: readonly string[]): GetStorage['classes'] {
  const known = SOPClassUIDs.slice(0, MAX_GET_CLASSES);
  if (known.length === 0) {
    const classes = STORAGE_SOP_CLASSES.toSorted((a, b) => Number(a.retired) - Number(b.retired));
    return classes.map(({ uid }) => ({ SOPClassUID: uid, transferSyntaxes: PLAIN }));
  }
  const each = Math.floor(MAX_GET_CLASSES / known.length) - 1;
  return known.flatMap((SOPClassUID) => [
    { SOPClassUID, transferSyntaxes: PLAIN },
    ...NOT_PLAIN.slice(0, each).map((uid) => ({ SOPClassUID, transferSyntaxes: [uid] })),
  ]);
}
