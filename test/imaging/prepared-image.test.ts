import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageHeader } from '../../services/imaging/image-header.ts';
import { openPrepared, PreparedWriter } from '../../services/imaging/prepared-image.ts';

const held = { folder: '' };
beforeAll(() => {
  held.folder = mkdtempSync(join(tmpdir(), 'overread-prepared-'));
});
afterAll(() => rmSync(held.folder, { recursive: true, force: true }));

const frames = [Int16Array.of(-1024, 40, 3071), Int16Array.of(1, 2, 3)];
const header = (frame: number) => ({ frame, Modality: 'CT', Rows: 1, Columns: 3, input: { file: 'x' } });

function written(name: string): string {
  const path = join(held.folder, name);
  const writer = new PreparedWriter(path);
  for (const [at, values] of frames.entries()) writer.add(header(at + 1) as unknown as ImageHeader, values);
  writer.commit();
  return path;
}

describe('an image prepared before its analysis', () => {
  it('is read back: headers without the instance, values of each frame', () => {
    const image = openPrepared(written('whole'));
    expect(image?.headers).toEqual([1, 2].map((frame) => ({ frame, Modality: 'CT', Rows: 1, Columns: 3 })));
    const out = new Int16Array(3);
    expect([image?.read(2, out), [...out]]).toEqual([true, [1, 2, 3]]);
    expect([image?.read(1, out), [...out]]).toEqual([true, [-1024, 40, 3071]]);
  });

  it('has no other frames, and no values of another type or size', () => {
    const image = openPrepared(written('other'));
    expect(image?.read(3, new Int16Array(3))).toBe(false);
    expect(image?.read(1, new Float32Array(3))).toBe(false);
    expect(image?.read(1, new Int16Array(4))).toBe(false);
  });

  it('is not there before it is complete', () => {
    const path = join(held.folder, 'partial');
    const writer = new PreparedWriter(path);
    writer.add(header(1) as unknown as ImageHeader, Int16Array.of(1));
    expect(openPrepared(path)).toBeUndefined();
    writer.abort();
    expect(openPrepared(path)).toBeUndefined();
  });

  it('is not there when it was cut anywhere', () => {
    const whole = readFileSync(written('cut'));
    for (let length = 0; length < whole.length; length++) {
      const path = join(held.folder, 'shorter');
      writeFileSync(path, whole);
      truncateSync(path, length);
      expect(openPrepared(path), `${length} bytes`).toBeUndefined();
    }
  });

  it('never answers with a changed value: whatever byte is another, it is not there or its frame is refused', () => {
    const whole = readFileSync(written('changed'));
    for (let at = 0; at < whole.length; at++) {
      const path = join(held.folder, 'damaged');
      writeFileSync(path, whole.with(at, (whole[at] ?? 0) ^ 0x10));
      const image = openPrepared(path);
      for (const [frame, values] of frames.entries()) {
        const out = new Int16Array(3);
        if (image?.read(frame + 1, out)) expect([...out], `byte ${at}`).toEqual([...values]);
      }
    }
  });

  it('may vanish between two looks', () => {
    const path = written('gone');
    const image = openPrepared(path);
    rmSync(path);
    expect(image?.read(1, new Int16Array(3))).toBe(false);
  });
});
