import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../services/domain/errors.ts';
import type { Answer } from '../../services/domain/pull/answer.ts';
import type { DueStudy, FetchOutcome, FetchRequest } from '../../services/domain/pull/ports.ts';
import { type FetchPorts, fetchStudy } from '../../services/pipeline/fetch-study.ts';
import { fakeContext } from '../support/fake-context.ts';

interface TheirSeries {
  readonly images: number;
  /** Whether the peer says how many there are, and lists them. */
  readonly counts: boolean;
  readonly lists: boolean;
}

const DUE: DueStudy = {
  peer: 'p',
  how: 'C-GET',
  ask: 'C-FIND',
  StudyInstanceUID: '1.2',
  attempts: 0,
  unreached: 0,
  held: 0,
};
const uidOf = (series: number, image: number): string => `1.2.${series + 1}.${image + 1}`;
const all = (their: readonly TheirSeries[]) =>
  their.flatMap(({ images }, at) => Array.from({ length: images }, (_, image) => uidOf(at, image)));

/** A peer and our store, in memory: `broken` sees each request before it is served. */
function peer(their: readonly TheirSeries[], here: Set<string>, broken: (request: FetchRequest) => void = () => {}) {
  const asked: FetchRequest[] = [];
  const outcomes: FetchOutcome[] = [];
  const seriesOf = (at: number) => all(their).filter((uid) => uid.startsWith(`1.2.${at + 1}.`));
  async function* find(_by: string, level: string, keys: Readonly<Record<string, string>>): AsyncGenerator<Answer> {
    if (level === 'SERIES') {
      for (const [at, { images, counts }] of their.entries())
        yield {
          SeriesInstanceUID: [`1.2.${at + 1}`],
          ...(counts && { NumberOfSeriesRelatedInstances: [String(images)] }),
        };
      return;
    }
    const at = their.findIndex((_each, index) => `1.2.${index + 1}` === keys.SeriesInstanceUID);
    if (their[at]?.lists)
      for (const uid of seriesOf(at)) yield { SOPInstanceUID: [uid], SOPClassUID: ['1.2.840.10008.5.1.4.1.1.2'] };
  }
  const wantedBy = ({ SeriesInstanceUID, SOPInstanceUIDs }: FetchRequest) =>
    SOPInstanceUIDs ??
    all(their).filter((uid) => SeriesInstanceUID === undefined || uid.startsWith(`${SeriesInstanceUID}.`));
  const ports: FetchPorts = {
    archive: {
      find,
      async fetch(_how, request, onStored) {
        asked.push(request);
        broken(request);
        for (const uid of wantedBy(request)) {
          here.add(uid);
          onStored();
        }
      },
    },
    firstPauseSeconds: 5,
    progress: async () => {},
    fetched: async (_study, outcome) => void outcomes.push(outcome),
    heldBySeries: async () => {
      const bySeries = Map.groupBy(here, (uid) => uid.split('.').slice(0, 3).join('.'));
      return new Map([...bySeries].map(([uid, uids]) => [uid, uids.length]));
    },
    heldInstances: async (uids) => new Set(uids.filter((uid) => here.has(uid))),
  };
  return { asked, outcomes, ports, wantedBy };
}

describe('a try to bring a study here whole', () => {
  const oneSeries = fc.record({ images: fc.integer({ min: 1, max: 230 }), counts: fc.boolean(), lists: fc.boolean() });
  // A peer that neither counts nor lists a series has nothing in it that could be missed.
  const told = oneSeries.filter(({ counts, lists }) => counts || lists);
  const situation = fc
    .array(told, { minLength: 1, maxLength: 4 })
    .chain((their) => fc.record({ their: fc.constant(their), held: fc.subarray(all(their)) }));

  it('asks for what is missing, and for nothing that is here where the peer lists it', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async ({ their, held }) => {
        const here = new Set(held);
        const { asked, outcomes, ports, wantedBy } = peer(their, here);
        await fetchStudy(fakeContext(), ports, DUE);
        expect(outcomes).toMatchObject([{ state: 'complete', againSeconds: undefined, sentence: undefined }]);
        expect(here.size).toBe(all(their).length);
        const before = new Set(held);
        const isListed = (uid: string) => their[Number(uid.split('.')[2]) - 1]?.lists;
        expect(
          asked.flatMap((request) => [...wantedBy(request)]).filter((uid) => before.has(uid) && isListed(uid)),
        ).toEqual([]);
        expect(asked.every(({ SOPInstanceUIDs = [] }) => SOPInstanceUIDs.length <= 100)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  const THEIR = [{ images: 3, counts: true, lists: true }];
  const outcome = async (broken: (request: FetchRequest) => void, due: Partial<DueStudy> = {}, held: string[] = []) => {
    const { outcomes, ports } = peer(THEIR, new Set(held), broken);
    await fetchStudy(fakeContext(), ports, { ...DUE, ...due });
    return outcomes[0];
  };
  const fail = (error: unknown) => () => {
    throw error;
  };

  it('says how much is missing and why, and when it is tried again', async () => {
    const refused = fail(new AppError('PACS_REFUSED', 'no'));
    expect(await outcome(refused, { attempts: 2 })).toEqual({
      ...{ state: 'failed', expected: 3, held: 0, attempts: 3, unreached: 0, againSeconds: 20 },
      sentence: '3 of 3 are missing; PACS_REFUSED: no',
    });
    expect(await outcome(refused, { attempts: 2, held: 0 }, [uidOf(0, 0)])).toMatchObject({
      state: 'incomplete',
      held: 1,
      attempts: 1,
    });
    expect(await outcome(refused, { attempts: 7 })).toMatchObject({ attempts: 8, againSeconds: undefined });
  });

  it('a peer that is not reached costs no try', async () => {
    const gone = fail(new AppError('PACS_UNREACHABLE', 'no association'));
    expect(await outcome(gone, { attempts: 7, unreached: 30 })).toMatchObject({
      attempts: 7,
      unreached: 31,
      againSeconds: 900,
    });
  });

  it('a bug costs one, and does not stop the others', async () => {
    expect(await outcome(fail(new TypeError('x of undefined')))).toMatchObject({
      state: 'failed',
      attempts: 1,
      againSeconds: 5,
    });
  });

  it('says nothing when it was stopped: the study is still due', async () => {
    const { outcomes, ports } = peer(THEIR, new Set(), fail(new AppError('ASSOCIATION_ABORTED', 'cancelled')));
    expect(await fetchStudy({ ...fakeContext(), signal: AbortSignal.abort() }, ports, DUE)).toBeUndefined();
    expect(outcomes).toEqual([]);
  });
});
