import { AppError } from '../domain/errors.ts';
import type { StoredFile } from '../domain/ports.ts';
import { EXPLICIT_LITTLE, INSTANCE_TARGETS, isDefaultForm } from './dicom-media.ts';
import type { DicomOffer } from './dicom-offers.ts';
import { fileBody } from './file-slices.ts';

/** An instance on its way to a client. */
export interface InstanceBody {
  readonly isStored: boolean;
  readonly TransferSyntaxUID: string;
  readonly length: number | undefined;
  readonly body: AsyncGenerator<Uint8Array>;
}

export interface InstancePorts {
  /** Can what is stored so be brought into another transfer syntax at all? */
  canTranscode(TransferSyntaxUID: string): boolean;
  /**
   * A stored file in another transfer syntax, made in a process of its own; its first bytes are there.
   *
   * @throws {AppError} NOT_ACCEPTABLE when that cannot hold it; INSTANCE_UNREADABLE, IMAGER_DIED, IMAGER_DEADLINE, IMAGER_BUSY
   */
  transcodedInstance(
    file: StoredFile,
    TransferSyntaxUID: string,
    signal: AbortSignal,
  ): Promise<Omit<InstanceBody, 'isStored'>>;
}

const MEDIA_TYPE = 'application/dicom';

/**
 * As stored, and in every syntax that all of them can be brought into. Who names the media type and no syntax means
 * Explicit VR Little Endian, except of what is there with loss only (PS3.18 §8.7.3.4).
 */
export function instanceOffers(
  files: readonly StoredFile[],
  isSingle: boolean,
  canTranscode: InstancePorts['canTranscode'],
): readonly DicomOffer[] {
  const stored = [...new Set(files.map(({ TransferSyntaxUID }) => TransferSyntaxUID))];
  const made = INSTANCE_TARGETS.filter((target) => stored.every((uid) => uid === target || canTranscode(uid)));
  const forms: readonly Omit<DicomOffer, 'multipart' | 'mediaType'>[] = [
    { transferSyntaxUIDs: stored, isStored: true, isDefault: stored.every(isDefaultForm) },
    ...made.map((target) => ({ transferSyntaxUIDs: [target], isStored: false, isDefault: false })),
    { transferSyntaxUIDs: [EXPLICIT_LITTLE], isStored: false, isDefault: true, isLenient: true },
  ];
  return [true, ...(isSingle ? [false] : [])].flatMap((multipart) =>
    forms.map((form) => ({ multipart, mediaType: MEDIA_TYPE, ...form })),
  );
}

/** One instance in the form of an offer; what is stored in it already is not touched. */
export async function instanceBody(
  ports: InstancePorts,
  file: StoredFile,
  { isStored, transferSyntaxUIDs: [target = ''], isLenient = false }: DicomOffer,
  signal: AbortSignal,
): Promise<InstanceBody> {
  const { TransferSyntaxUID } = file;
  const isEnough = isLenient && (isDefaultForm(TransferSyntaxUID) || !ports.canTranscode(TransferSyntaxUID));
  if (isStored || TransferSyntaxUID === target || isEnough) return storedBody(file);
  try {
    return { isStored: false, ...(await ports.transcodedInstance(file, target, signal)) };
  } catch (error) {
    // Nobody named a syntax: better as it is, under its own name, than a study without this image.
    const isImpossible = error instanceof AppError && error.code !== 'IMAGER_BUSY';
    if (isLenient && isImpossible) return storedBody(file);
    throw error;
  }
}

async function storedBody({ file, TransferSyntaxUID }: StoredFile): Promise<InstanceBody> {
  return { isStored: true, TransferSyntaxUID, ...(await fileBody(file)) };
}
