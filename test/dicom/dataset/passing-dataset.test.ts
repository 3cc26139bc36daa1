import { globSync, readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_FOLLOWED_HEADERS } from '../../../services/dicom/dataset/limits.ts';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { followDataset } from '../../../services/dicom/dataset/passing-dataset.ts';
import { readElements } from '../../../services/dicom/dataset/read-elements.ts';
import { encodingOf, isDeflated } from '../../../services/dicom/dataset/transfer-syntax.ts';
import { hasSharedData, SHARED_DATA } from '../../support/programs.ts';
import { ascii, ctHead, element, item, join, type Layout, sequence } from './dataset-bytes.ts';

const SYNTAX: Readonly<Record<Layout, string>> = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  big: '1.2.840.10008.1.2.2',
};

/** What a data set lacks that passed in parts of these sizes, again and again. */
function lacks(dataset: Uint8Array, syntax: string, sizes: readonly number[] = [dataset.length]): string | undefined {
  const passing = followDataset(syntax);
  for (let at = 0, part = 0; at < dataset.length; part++) {
    const size = sizes[part % sizes.length] ?? 1;
    passing.add(dataset.subarray(at, at + size));
    at += size;
  }
  const missing = passing.lacks();
  if (missing instanceof Promise) throw new Error('it is told at once of what is not deflated');
  return missing;
}

const private_ = (layout: Layout) =>
  join(
    element(0x00090010, 'LO', 'ACME', layout),
    sequence(0x00091010, [item(element(0x00091011, 'LO', 'x', 'implicit'), 'implicit', true)], layout, true, 'UN'),
  );
const deep = (layout: Layout) => {
  const inner = sequence(0x00400275, [item(element(0x00400007, 'LO', 'Chest', layout), layout, true)], layout, true);
  return sequence(0x00400100, [item(inner, layout, true), item(new Uint8Array(0), layout)], layout, true);
};
const pixels = (layout: Layout) => element(0x7fe00010, 'OW', new Uint8Array(100), layout);
const fragments = (layout: Layout) =>
  sequence(0x7fe00010, [item(new Uint8Array(0), layout), item(ascii('ab'), layout)], layout, true, 'OB');

describe.each(Object.keys(SYNTAX) as Layout[])('a data set that passes in %s layout', (layout) => {
  const syntax = SYNTAX[layout];
  const elements = [
    ctHead(layout),
    layout === 'big' ? new Uint8Array(0) : private_(layout),
    deep(layout),
    pixels(layout),
  ];
  const whole = join(...elements);

  it('is whole, in whatever parts it comes', () => {
    expect(lacks(whole, syntax)).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        expect(lacks(whole, syntax, sizes)).toBeUndefined();
      }),
    );
  });

  it('lacks something wherever it is cut, but between two of its elements', () => {
    const untold = Array.from({ length: whole.length - 1 }, (_, n) => n + 1).filter(
      (length) => lacks(whole.subarray(0, length), syntax, [7]) === undefined,
    );
    // Between elements nothing tells; behind that, zeros of a header might be padding, which big endian tags begin with.
    const starts = [...readElements(whole, encodingOf(syntax)).elements.values()].map(({ offset }) => offset - 12);
    const boundaries = [...starts, 0].flatMap((start) => Array.from({ length: 8 }, (_, n) => start + n));
    expect(untold.filter((length) => !boundaries.includes(length))).toEqual([]);
    const start = whole.length - pixels(layout).length;
    expect(lacks(whole.subarray(0, whole.length - 30), syntax)).toBe('(7fe0,0010) lacks 30 bytes');
    expect(lacks(whole.subarray(0, start - 8), syntax)).toBe('(0040,0100) has no end');
  });

  it('with fragments lacks its end where that is cut', () => {
    const compressed = join(ctHead(layout), fragments(layout));
    expect(lacks(compressed, syntax, [5])).toBeUndefined();
    const missing = Array.from({ length: fragments(layout).length - 9 }, (_, n) =>
      lacks(compressed.subarray(0, compressed.length - 1 - n), syntax),
    );
    expect(missing).not.toContain(undefined);
    expect(missing[7]).toBe('(7fe0,0010) has no end');
    expect(missing[8]).toBe('(7fe0,0010) lacks 1 bytes');
  });

  it.each([
    ['zeros behind it', new Uint8Array(600)],
    ['rubbish behind it', ascii('rubbish that is no element at all, and long')],
    ['half a header behind it', Uint8Array.of(0xfc, 0xff, 0xfc)],
    ['an element behind it that claims more', element(0xfffcfffc, 'OB', ascii('xx'), layout, 4000)],
  ])('may have %s', (_name, tail) => {
    expect(lacks(join(whole, tail), syntax, [11])).toBeUndefined();
  });

  it('is not judged where the thread is lost', () => {
    const tooDeep = Array.from({ length: 40 }, () => sequence(0x00400100, [], layout, true).slice(0, -8));
    const level = item(new Uint8Array(0), layout, true).slice(0, 8);
    expect(lacks(join(...tooDeep.flatMap((open) => [open, level])), syntax)).toBeUndefined();
    expect(lacks(join(ctHead(layout), item(new Uint8Array(0), layout)), syntax)).toBeUndefined();
  });
});

it('the encoding is settled by the first element, as it is when it is read', () => {
  expect(lacks(join(ctHead('implicit'), pixels('implicit')), SYNTAX.explicit, [3])).toBeUndefined();
  expect(lacks(join(ctHead('explicit'), pixels('explicit')), SYNTAX.implicit, [3])).toBeUndefined();
});

it('a value of odd length is taken as it is', () => {
  const odd = join(element(0x00080070, 'LO', ascii('abc')), element(0x7fe00010, 'OB', ascii('abc')));
  expect(lacks(odd, SYNTAX.explicit)).toBeUndefined();
});

it('a flood of headers is followed for so long, and costs no more afterwards', () => {
  const flood = Buffer.alloc(8 * 100_000, Buffer.from(element(0x00091010, 'LO', '')));
  const passing = followDataset(SYNTAX.explicit);
  for (let n = 0; n < MAX_FOLLOWED_HEADERS; n += 100_000) passing.add(flood);
  passing.add(element(0x00091010, 'LO', 'x', 'explicit', 400));
  expect(passing.lacks()).toBeUndefined();
});

describe.skipIf(!hasSharedData)('the corpus of real and odd files (../shared/data)', () => {
  it('is whole, but for the two files that are cut', () => {
    const files = globSync(`${SHARED_DATA}/{corpus,sr}/**/*`).filter((file) => statSync(file).isFile());
    const cut = files.flatMap((file) => {
      const bytes = readFileSync(file);
      if (bytes.toString('latin1', 128, 132) !== 'DICM') return [];
      if (/meta_missing_tsyntax|nested_priv_SQ/.test(file)) return []; // no transfer syntax
      const { TransferSyntaxUID, datasetOffset } = readPart10Meta(bytes);
      if (isDeflated(TransferSyntaxUID)) return []; // passing-deflated.test.ts
      const missing = lacks(bytes.subarray(datasetOffset), TransferSyntaxUID, [4096]);
      return missing === undefined ? [] : [`${relative(SHARED_DATA, file)}: ${missing}`];
    });
    expect(cut.toSorted()).toEqual([
      'corpus/pydicom/test_files/MR_truncated.dcm: (7fe0,0010) lacks 62 bytes',
      'corpus/pydicom/test_files/rtplan_truncated.dcm: (300a,00b0) lacks 265 bytes',
    ]);
  });
});
