import { type OutgoingInstance, ReadAhead } from './outgoing-instance.ts';

/** So many objects at most, and so many bytes beyond the first. */
const MAX_OBJECTS = 4;
const MAX_BYTES = 8 * 1024 * 1024;

/** The objects that are sent next, being read. */
export class Ahead {
  readonly #reading = new Map<OutgoingInstance, ReadAhead>();
  #isClosed = false;

  /** The data set of an object, read already where it was foreseen; whoever takes it closes it. */
  take(object: OutgoingInstance): ReadAhead {
    const read = this.#reading.get(object) ?? new ReadAhead(object.dataset);
    this.#reading.delete(object);
    return read;
  }

  /** Begins with what comes behind the first, when the first has left. */
  foreseeLater(upcoming: readonly OutgoingInstance[]): void {
    const [, ...next] = upcoming.slice(0, 1 + MAX_OBJECTS);
    setImmediate(() => this.#foresee(next));
  }

  #foresee(upcoming: readonly OutgoingInstance[]): void {
    if (this.#isClosed) return;
    let bytes = 0;
    for (const object of upcoming) {
      bytes += object.dataset.length;
      if (bytes > MAX_BYTES && this.#reading.size > 0) return;
      if (!this.#reading.has(object)) this.#reading.set(object, new ReadAhead(object.dataset));
    }
  }

  /** It is not sent after all. */
  async drop(object: OutgoingInstance): Promise<void> {
    await this.#reading.get(object)?.close();
    this.#reading.delete(object);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#reading.keys()].map((object) => this.drop(object)));
  }
}
