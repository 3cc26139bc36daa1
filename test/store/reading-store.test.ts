import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadingContent } from '../../services/domain/contract/reading.ts';
import type { ReadingOutcome } from '../../services/domain/reading-ports.ts';
import type { Store } from '../../services/store/connect.ts';
import { readingStore } from '../../services/store/reading-store.ts';
import { newUid } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import {
  accepted,
  content,
  deferred,
  drawn,
  LI,
  type ReadStudy,
  rejected,
  studyWith,
  WANG,
} from '../support/readings.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const readings = () => readingStore(store(), { instanceDirectory: '/stored' });
beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

const at = ({ StudyInstanceUID }: { StudyInstanceUID: string }, revision: number, reader = LI) => ({
  ...{ StudyInstanceUID, revision, reader },
});
const save = (study: ReadStudy, revision: number, said: ReadingContent, reader = LI) =>
  readings().saveDraft(at(study, revision, reader), said);

const codeOf = (outcome: ReadingOutcome) => ('refused' in outcome ? outcome.refused.code : outcome.reading.state);
const actions = ({ StudyInstanceUID }: ReadStudy) =>
  store()
    .database.selectFrom('reading_action')
    .select(['actor', 'action', 'revisionBefore', 'revisionAfter', 'changes'])
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .orderBy('id')
    .execute();

describe('a reading', () => {
  it('of a study nobody has read is open at revision 0', async () => {
    const study = await studyWith(store(), [0.9]);
    expect(await readings().reading(study.StudyInstanceUID)).toEqual({
      ...{ StudyInstanceUID: study.StudyInstanceUID, state: 'OPEN', revision: 0, modes: {}, revealedAt: null },
      ...{ reader: null, changedAt: null, content: { verdicts: [], added: [], thresholds: {} }, reports: [] },
      strangers: [],
    });
    expect(await readings().reading(newUid())).toBeUndefined();
    expect(codeOf(await readings().saveDraft(at({ StudyInstanceUID: newUid() }, 0), content([])))).toBe(
      'STUDY_NOT_FOUND',
    );
  });

  it('keeps a draft, and the account says who changed what', async () => {
    const study = await studyWith(store(), [0.9, 0.8]);
    const [one = '', two = ''] = study.findings;
    const first = content([accepted(one)], { thresholds: { [study.runId]: 0.7 } });
    await save(study, 0, first);
    expect(await readings().reading(study.StudyInstanceUID)).toMatchObject({
      ...{ state: 'DRAFT', revision: 1, reader: LI, content: first },
    });
    await save(study, 1, content([rejected(one), deferred(two)]), WANG);
    expect(await actions(study)).toEqual([
      {
        ...{ actor: 'Li^Mei', action: 'SAVE', revisionBefore: 0, revisionAfter: 1 },
        changes: [{ TrackingUID: one, before: null, after: 'accepted' }],
      },
      {
        ...{ actor: 'Wang^Fang', action: 'SAVE', revisionBefore: 1, revisionAfter: 2 },
        changes: [
          { TrackingUID: one, before: 'accepted', after: 'rejected:vessel' },
          { TrackingUID: two, before: null, after: 'deferred' },
        ],
      },
    ]);
  });

  it('is open again when everything was undone', async () => {
    const study = await studyWith(store(), [0.9]);
    await save(study, 0, content([accepted(study.findings[0] ?? '')]));
    expect(codeOf(await save(study, 1, content([])))).toBe('OPEN');
  });

  it('of two writers on one revision takes exactly one, and shows the other what is there', async () => {
    const study = await studyWith(store(), [0.9]);
    const [uid = ''] = study.findings;
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, n) => save(study, 0, content([accepted(uid)]), n % 2 ? LI : WANG)),
    );
    expect(outcomes.map(codeOf).toSorted()).toEqual(['DRAFT', ...Array(7).fill('READING_CHANGED')]);
    const lost = outcomes.find((outcome) => 'refused' in outcome);
    expect(lost).toMatchObject({
      refused: { current: { revision: 1, content: { verdicts: [{ TrackingUID: uid }] } } },
    });
    expect(await actions(study)).toHaveLength(1);
  });
});

describe('a draft that does not hold', () => {
  const refusals: Record<string, (study: ReadStudy, other: ReadStudy) => ReadingContent> = {
    'a verdict on a finding of another study': (_, other) => content([accepted(other.findings[0] ?? '')]),
    'two verdicts on one finding': ({ findings: [one = ''] }) => content([accepted(one), rejected(one)]),
    'an added finding named like one of the model': (study) =>
      content([], {
        added: [{ TrackingUID: study.findings[0] ?? '', at: '2026-01-01T00:00:00Z', lesion: drawn(study) }],
      }),
    'two added findings of one name': (study) => {
      const one = { TrackingUID: newUid(), at: '2026-01-01T00:00:00Z', lesion: drawn(study) };
      return content([], { added: [one, one] });
    },
    'a threshold of another run': (_, { runId }) => content([], { thresholds: { [runId]: 0.4 } }),
    'an image of another study': (_, other) =>
      content([], { added: [{ TrackingUID: newUid(), at: '2026-01-01T00:00:00Z', lesion: drawn(other) }] }),
    'a region beside its image': (study) => edited(study, { region: { ...drawn(study).region, right: 513 } }),
    'a region of no size': (study) => edited(study, { region: { ...drawn(study).region, right: 100 } }),
    'a frame the image does not have': (study) => edited(study, { region: { ...drawn(study).region, frame: 2 } }),
    'a centre outside any patient': (study) => edited(study, { center: [0, 0, 1e9] }),
    'another SOP class': (study) => edited(study, { region: { ...drawn(study).region, SOPClassUID: '1.2.3' } }),
  };
  const edited = (study: ReadStudy, given: Parameters<typeof drawn>[1]) =>
    content([
      {
        TrackingUID: study.findings[0] ?? '',
        at: '2026-01-01T00:00:00Z',
        verdict: 'edited',
        lesion: drawn(study, given),
      },
    ]);

  it.each(Object.keys(refusals))('is refused and changes nothing: %s', async (name) => {
    const [study, other] = [await studyWith(store(), [0.9]), await studyWith(store(), [0.9])];
    const outcome = await save(study, 0, refusals[name]?.(study, other) ?? content([]));
    expect(codeOf(outcome)).toBe('READING_INVALID');
    expect(await readings().reading(study.StudyInstanceUID)).toMatchObject({ revision: 0 });
    expect(await actions(study)).toEqual([]);
  });

  it('but holds with an edited and an added finding of the study', async () => {
    const study = await studyWith(store(), [0.9]);
    const both = {
      ...edited(study, {}),
      added: [{ TrackingUID: newUid(), at: '2026-01-01T00:00:00Z', lesion: drawn(study) }],
    };
    expect(codeOf(await save(study, 0, both))).toBe('DRAFT');
  });
});
