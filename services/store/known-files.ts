import type { DicomwebQueries, StoredFile } from '../domain/ports.ts';

type Of = Parameters<DicomwebQueries['files']>[0];
type Find = (of: Of) => Promise<readonly KnownFile[]>;

/** A file as found, and whether what stands there is for ever: an instance is, a report of ours may be replaced. */
export interface KnownFile {
  readonly file: StoredFile;
  readonly isForEver: boolean;
}

/** Some 20 MB. */
const MAX_FILES = 30_000;

/**
 * Remembers where instances lie: they are never changed or removed, and who asks for one image of a series asks for the others.
 * The first image of a series brings all of them; one that came later is found when it is asked for.
 */
export class KnownFiles {
  readonly #find: Find;
  readonly #series = new Map<string, Promise<Map<string, StoredFile>>>();
  #size = 0;

  constructor(find: Find) {
    this.#find = find;
  }

  async instance(of: Of & { SeriesInstanceUID: string; SOPInstanceUID: string }): Promise<readonly StoredFile[]> {
    const known = (await this.#seriesOf(of)).get(of.SOPInstanceUID);
    return known === undefined ? (await this.#find(of)).map(({ file }) => file) : [known];
  }

  #seriesOf({ StudyInstanceUID, SeriesInstanceUID }: Of & { SeriesInstanceUID: string }) {
    const key = `${StudyInstanceUID} ${SeriesInstanceUID}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const found = this.#find({ StudyInstanceUID, SeriesInstanceUID }).then((files) => {
      const lasting = files.filter(({ isForEver }) => isForEver).slice(0, MAX_FILES);
      this.#grown(lasting.length);
      return new Map(lasting.map(({ file }) => [file.SOPInstanceUID, file]));
    });
    this.#series.set(key, found);
    // What failed, and what is not there yet, is asked for again.
    found.then(
      ({ size }) => size === 0 && this.#series.delete(key),
      () => this.#series.delete(key),
    );
    return found;
  }

  /** The oldest series go first. */
  async #grown(files: number): Promise<void> {
    this.#size += files;
    for (const [key, found] of this.#series) {
      if (this.#size <= MAX_FILES) return;
      this.#series.delete(key);
      this.#size -= await found.then(
        ({ size }) => size,
        () => 0,
      );
    }
  }
}
