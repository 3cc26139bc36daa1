export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
export const OCTETS = 'application/octet-stream';

interface Media {
  readonly mediaType: string;
  /** Only a lossy form of the image is there: it need not be had uncompressed (PS3.18 §8.7.3.4). */
  readonly isLossy?: true;
}

/** Media type of a frame by its transfer syntax (PS3.18 Table 8.7.3-5). What is not here is `application/octet-stream`. */
// biome-ignore format: a table
const FRAME_MEDIA: Readonly<Record<string, Media>> = {
  '1.2.840.10008.1.2.4.50':  { mediaType: 'image/jpeg', isLossy: true },
  '1.2.840.10008.1.2.4.51':  { mediaType: 'image/jpeg', isLossy: true },
  '1.2.840.10008.1.2.4.53':  { mediaType: OCTETS,       isLossy: true },
  '1.2.840.10008.1.2.4.55':  { mediaType: OCTETS,       isLossy: true },
  '1.2.840.10008.1.2.4.57':  { mediaType: 'image/jpeg' },
  '1.2.840.10008.1.2.4.70':  { mediaType: 'image/jpeg' },
  '1.2.840.10008.1.2.4.80':  { mediaType: 'image/jls' },
  '1.2.840.10008.1.2.4.81':  { mediaType: 'image/jls',  isLossy: true },
  '1.2.840.10008.1.2.4.90':  { mediaType: 'image/jp2' },
  '1.2.840.10008.1.2.4.91':  { mediaType: 'image/jp2',  isLossy: true },
  '1.2.840.10008.1.2.4.92':  { mediaType: 'image/jpx' },
  '1.2.840.10008.1.2.4.93':  { mediaType: 'image/jpx',  isLossy: true },
  '1.2.840.10008.1.2.4.110': { mediaType: 'image/jxl' },
  '1.2.840.10008.1.2.4.111': { mediaType: 'image/jxl',  isLossy: true },
  '1.2.840.10008.1.2.4.112': { mediaType: 'image/jxl',  isLossy: true },
  '1.2.840.10008.1.2.4.201': { mediaType: 'image/jphc' },
  '1.2.840.10008.1.2.4.202': { mediaType: 'image/jphc' },
  '1.2.840.10008.1.2.4.203': { mediaType: 'image/jphc', isLossy: true },
  '1.2.840.10008.1.2.5':     { mediaType: 'image/dicom-rle' },
};
/** The bytes of a frame in these are those of Explicit VR Little Endian, the only name web services have for them (§8.7.3). */
const SAME_PIXELS_AS_EXPLICIT_LITTLE = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1.99', EXPLICIT_LITTLE]);

/** How a stored frame is named on the web. */
export function frameMedia(transferSyntaxUID: string): { mediaType: string; transferSyntaxUID: string } {
  return {
    mediaType: FRAME_MEDIA[transferSyntaxUID]?.mediaType ?? OCTETS,
    transferSyntaxUID: SAME_PIXELS_AS_EXPLICIT_LITTLE.has(transferSyntaxUID) ? EXPLICIT_LITTLE : transferSyntaxUID,
  };
}

/** A form that what is stored can be brought into when a client asks for it. */
interface Target {
  readonly mediaType: string;
  readonly transferSyntaxUID: string;
  /** It is meant when the client names the media type and no transfer syntax. */
  readonly isDefault: boolean;
}

/** Forms of a frame. JPEG baseline loses something, so only who names it gets it. */
// biome-ignore format: a table
export const FRAME_TARGETS: readonly Target[] = [
  { mediaType: OCTETS,       transferSyntaxUID: EXPLICIT_LITTLE,           isDefault: true },
  { mediaType: 'image/jls',  transferSyntaxUID: '1.2.840.10008.1.2.4.80',  isDefault: true },
  { mediaType: 'image/jphc', transferSyntaxUID: '1.2.840.10008.1.2.4.201', isDefault: true },
  { mediaType: 'image/jphc', transferSyntaxUID: '1.2.840.10008.1.2.4.202', isDefault: false },
  { mediaType: 'image/jpeg', transferSyntaxUID: '1.2.840.10008.1.2.4.50',  isDefault: false },
];

/** Transfer syntaxes of a whole instance: those that lose nothing. */
export const INSTANCE_TARGETS: readonly string[] = FRAME_TARGETS.filter(
  ({ mediaType }) => mediaType !== 'image/jpeg',
).map(({ transferSyntaxUID }) => transferSyntaxUID);

/** Does the stored form meet a request that names the media type and no transfer syntax (§8.7.3.4)? */
export const isDefaultForm = (transferSyntaxUID: string): boolean =>
  transferSyntaxUID === EXPLICIT_LITTLE || FRAME_MEDIA[transferSyntaxUID]?.isLossy === true;
