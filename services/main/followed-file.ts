import { stat } from 'node:fs/promises';
import { readJson } from './read-json.ts';

/** A JSON file that an administrator changes while we run. */
export class FollowedFile {
  readonly #file: string;
  #seen = '';

  constructor(file: string) {
    this.#file = file;
  }

  /** What it holds, once after each change; `undefined` while it is as it was. @throws {AppError} CONFIG_INVALID, once too. */
  async changed(): Promise<{ readonly json: unknown } | undefined> {
    const mark = await stat(this.#file, { bigint: true }).then(
      ({ ino, size, mtimeNs }) => `${ino} ${size} ${mtimeNs}`,
      () => 'absent',
    );
    if (mark === this.#seen) return undefined;
    this.#seen = mark;
    return { json: await readJson(this.#file) };
  }
}
