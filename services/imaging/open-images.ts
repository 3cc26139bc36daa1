import { type ImageFile, openImage } from '../dicom/dataset/read-file.ts';

/** Stored files never change, so the last ones stay open: the next frame of an image needs no header. */
export class OpenImages {
  readonly #images = new Map<string, ImageFile>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Belongs to this cache: the caller does not close it. */
  async get(file: string): Promise<ImageFile> {
    const image = this.#images.get(file) ?? (await openImage(file));
    this.#images.delete(file);
    this.#images.set(file, image);
    for (const [name, oldest] of this.#images) {
      if (this.#images.size <= this.#limit) break;
      this.#images.delete(name);
      await oldest.close();
    }
    return image;
  }
}
