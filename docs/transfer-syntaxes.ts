import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transferSyntaxName } from '../services/dicom/dataset/transfer-syntax.ts';
import { TRANSFER_SYNTAXES } from '../services/dicom/net/transfer-syntaxes.ts';
import { isDecodable } from '../services/dicom/pixel/codecs.ts';
import { PROOFS, type Proof } from '../test/dicom/pixel/proofs.ts';

const ROOT = '1.2.840.10008.1.2';
const REFERENCE = join(import.meta.dirname, '../test/dicom/pixel/reference/frames.json');

interface Entry {
  readonly syntax: string;
  readonly exact?: Readonly<Record<string, string>>;
  readonly lossy?: Readonly<Record<string, unknown>>;
}

/** The page of what is decoded, by what, and what shows that it is right. */
export function transferSyntaxPage(): string {
  const entries: readonly Entry[] = Object.values(JSON.parse(readFileSync(REFERENCE, 'utf8')));
  const decoded = TRANSFER_SYNTAXES.filter(isDecodable);
  const others = TRANSFER_SYNTAXES.filter((uid) => !isDecodable(uid) && transferSyntaxName(uid) !== 'unknown');
  return `# Transfer syntaxes

Made by \`npm run docs\` from the decoders in \`services/dicom/pixel\`, from \`test/dicom/pixel/proofs.ts\` and from
\`test/dicom/pixel/reference/frames.json\`. Every syntax of both tables is received, stored and handed on as it came.

## Decoded

| transfer syntax | UID | decoder | equal to other decoders | golden volume | damaged frames |
|---|---|---|---|---|---|
${decoded.map((uid) => row(uid, entries)).join('\n')}

- *decoder*: the file in \`services/dicom/pixel\`, and the library behind it. lossy JPEG of 8 bits always goes to
  libjpeg-turbo, other JPEG to dcmjs-codecs, and HTJ2K codestreams to OpenJPH: what a frame says of itself decides.
- *equal to other decoders*: real images of which every frame was compared with the decoders named (\`reference.test.ts\`):
  lossless to the last pixel; lossy by 64 samples, none of which may be more than 2 from those of the decoder that comes
  closest, and a mean within 0.1 of its own. What a program is named for is synthetic, written by our encoders and by its own:
  lossless to the last pixel, lossy to one grey level. Several frames as the components of one codestream, which the two
  multi-component syntaxes allow, are refused by name.
- *golden volume*: a synthetic series written in this syntax becomes the same volume, voxel for voxel
  (\`golden-volume.test.ts\`).
- *damaged frames*: frames cut at many places are refused, frames with changed bytes are refused or have their own size, and
  the frame decoded before never comes back (\`damage.test.ts\`, \`jpeg-ls.test.ts\`, \`rle.test.ts\`). Bytes changed inside the
  scan of a lossless codestream mostly cannot be noticed: JPEG has no checksum. The hash taken on reception guards against
  that.
- Colours of YBR_FULL, YBR_FULL_422, YBR_ICT and YBR_RCT are answered as RGB; PALETTE COLOR as its indices.

## Stored, not decoded

Besides these the retired JPEG processes and the fragmentable videos, which the conformance statement lists.

| transfer syntax | UID |
|---|---|
${others.map((uid) => `| ${transferSyntaxName(uid)} | ${uid} |`).join('\n')}
`;
}

function row(uid: string, entries: readonly Entry[]): string {
  const proof = PROOFS[uid.slice(ROOT.length + 1)];
  if (!proof) throw new Error(`${uid} is decoded and has no row in proofs.ts`);
  const decoder = proof.library ? `${proof.adapter}, ${proof.library}` : proof.adapter;
  const cells = [transferSyntaxName(uid), uid, decoder, comparisons(uid, entries, proof)];
  return `| ${[...cells, proof.golden ? 'yes' : '–', proof.damaged ?? '–'].join(' | ')} |`;
}

function comparisons(uid: string, entries: readonly Entry[], { dcmtk, program }: Proof): string {
  const images = entries.filter(({ syntax }) => syntax === uid);
  const programs = [
    ...(dcmtk === undefined ? [] : [`${dcmtk} of dcmtk (\`corpus.test.ts\`)`]),
    ...(program === undefined ? [] : [`${program} (\`other-decoders.test.ts\`)`]),
  ];
  const names = images.flatMap(({ exact, lossy }) => [...Object.values(exact ?? {}), ...Object.keys(lossy ?? {})]);
  const decoders = [...new Set(names.flatMap((each) => each.split(' ')))].sort();
  const counted = `${images.length} ${images.length === 1 ? 'image' : 'images'}: ${decoders.join(', ')}`;
  return [...(images.length > 0 ? [counted] : []), ...programs].join('; ') || '–';
}
