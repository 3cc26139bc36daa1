import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { readHeader } from '../../../services/dicom/dataset/read-header.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { workMeter } from '../../support/work-meter.ts';
import { ascii, ctHead, element, item, join, type Layout, sequence } from './dataset-bytes.ts';

const SYNTAX: Readonly<Record<Layout, string>> = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  big: '1.2.840.10008.1.2.2',
};
const SYNTAXES = [...Object.values(SYNTAX), '1.2.840.10008.1.2.1.99'];

/** Everything a receiver or a worker may do with bytes of a stranger. An AppError is an answer, anything else is a bug. */
function provoke(bytes: Uint8Array, syntax: string): void {
  const attempts = [
    () => readHeader(bytes, syntax),
    () => dicomJson(readDataset(bytes, syntax)),
    () => dicomJson(readDataset(bytes, syntax, { maxBytes: 100 })),
    () => readPart10Meta(bytes),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
}

const seed = (layout: Layout) =>
  join(
    ctHead(layout),
    sequence(0x00082218, [item(element(0x00080104, 'LO', 'Lung', layout), layout, true)], layout, true),
    element(0x00090010, 'LO', 'ACME', layout),
    sequence(0x00091010, [item(element(0x00091011, 'UN', 'x', layout), layout)], layout, true, 'UN'),
    sequence(0x7fe00010, [item(new Uint8Array(0), layout), item(ascii('pixels'), layout)], layout, true, 'OB'),
  );

describe('bytes of a stranger', () => {
  it('are answered with attributes or an AppError, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(...SYNTAXES), (bytes, syntax) => {
        provoke(bytes, syntax);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(Object.keys(SYNTAX) as Layout[])('as mutants of a real data set in %s layout', (layout) => {
    const original = seed(layout);
    const mutation = fc.record({
      at: fc.nat(original.length - 1),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        fc.constantFrom(Uint8Array.of(255, 255, 255, 255), Uint8Array.of(0xfe, 0xff, 0, 0xe0), new Uint8Array(4)),
      ),
    });
    fc.assert(
      fc.property(
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        fc.nat(original.length),
        fc.boolean(),
        (mutations, length, isCut) => {
          const mutant = Uint8Array.from(original);
          for (const { at, bytes } of mutations) mutant.set(bytes.subarray(0, mutant.length - at), at);
          provoke(isCut ? mutant.subarray(0, length) : mutant, SYNTAX[layout]);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('never name a value in an error', () => {
    const secret = element(0x00100010, 'PN', 'Secret^Name');
    const cases = [
      join(secret, element(0x00100020, 'LO', 'ID', 'explicit', 999)),
      join(secret, ascii('Secret^Name-tail')),
    ];
    for (const bytes of cases) {
      expect(() => readDataset(bytes, SYNTAX.explicit)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('Secret') }),
      );
    }
  });

  it.each([
    ['a million empty private elements', element(0x00091010, 'UN', new Uint8Array(0))],
    [
      'a million open sequences',
      Uint8Array.from([
        8, 0, 0x18, 0x22, 0x53, 0x51, 0, 0, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255,
      ]),
    ],
    ['megabytes of spaces', ascii(' '.repeat(64))],
    ['megabytes of escapes', ascii('\x1b$B')],
  ])('%s are answered soon', (_name, unit) => {
    const bytes = new Uint8Array(Buffer.alloc(8_000_000, unit));
    const text = join(element(0x00080005, 'CS', '\\ISO 2022 IR 87'), element(0x0040a160, 'UT', bytes), ctHead());
    const work = workMeter();
    provoke(bytes, SYNTAX.explicit);
    provoke(text, SYNTAX.explicit);
    readDataset(text, SYNTAX.explicit).string(0x0040a160);
    // 25 to 50 for a million elements; work that grows with their square would be thousands.
    expect(work()).toBeLessThan(200);
  });
});
