import { openImage } from '../dicom/dataset/read-file.ts';
import { type FramePlaces, framePlaces, readFrame } from '../dicom/pixel/frames.ts';
import type { StoredBytes } from '../http/file-slices.ts';
import { instanceFailure } from '../imaging/instance-failure.ts';
import type { Turnstile } from './turnstile.ts';

/** Fragments whose places are remembered: some 10 MB. */
const MAX_PLACES = 200_000;

/** Where the frames of stored files lie: the files never change, so their headers are read once. */
export class StoredFrames {
  readonly #known = new Map<string, FramePlaces>();
  readonly #readers: Turnstile;
  #size = 0;

  constructor(readers: Turnstile) {
    this.#readers = readers;
  }

  /** A frame (from 0) in its stored coding: where it lies, or its bytes. @throws {AppError} FRAME_NOT_FOUND, INSTANCE_UNREADABLE */
  get(file: string, frame: number): Promise<StoredBytes> {
    return this.#found(file, frame).catch((error: unknown) => {
      throw instanceFailure(error);
    });
  }

  async #found(file: string, frame: number): Promise<StoredBytes> {
    const known = this.#known.get(file);
    if (known !== undefined) return { file, slices: known.of(frame) };
    return this.#readers(() => this.#read(file, frame));
  }

  async #read(file: string, frame: number): Promise<StoredBytes> {
    const image = await openImage(file);
    try {
      const places = await framePlaces(image);
      if (places === undefined) return await readFrame(image, frame);
      const slices = places.of(frame);
      this.#remember(file, places);
      return { file, slices };
    } finally {
      await image.close();
    }
  }

  #remember(file: string, places: FramePlaces): void {
    if (this.#known.has(file)) return;
    this.#known.set(file, places);
    this.#size += places.size;
    // The oldest go first.
    for (const [name, { size }] of this.#known) {
      if (this.#size <= MAX_PLACES) return;
      this.#known.delete(name);
      this.#size -= size;
    }
  }
}
