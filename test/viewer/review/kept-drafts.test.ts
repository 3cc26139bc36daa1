import { describe, expect, it } from 'vitest';
import type { Reader } from '../../../services/domain/contract/reading.ts';
import { keepReader, keptDrafts, keptReader, type Shelf } from '../../../viewer/review/kept-drafts.ts';
import { EMPTY } from '../../../viewer/review/review-state.ts';
import { shelf } from '../../support/shelf.ts';

const AT = '2026-11-23T10:00:00.000Z';
const STUDY = '1.2.3';
const LI: Reader = { name: 'Li^Na', organization: 'Hospital 1' };

describe('what a browser keeps', () => {
  const draft = { revision: 3, base: EMPTY, content: EMPTY, keptAt: AT };

  it('is its own of each tab', () => {
    const on = shelf();
    keptDrafts(on, STUDY, 'one').keep(draft);
    keptDrafts(on, STUDY, 'two').keep({ ...draft, revision: 4 });
    expect(keptDrafts(on, STUDY, 'one').find()?.revision).toBe(3);
    expect(keptDrafts(on, STUDY, 'two').find()?.revision).toBe(4);
    expect(keptDrafts(on, '1.2.4', 'one').find()).toBeUndefined();
  });

  it.each(['not json', '{"version":2}', 'null', '{}'])('is nothing where it is %s', (text) => {
    const on = shelf();
    on.setItem(`overread.draft.1.${STUDY}.one`, text);
    expect(keptDrafts(on, STUDY, 'one').find()).toBeUndefined();
  });

  it('is told of when the browser is full', () => {
    const full: Shelf = {
      ...shelf(),
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    expect(keptDrafts(full, STUDY, 'one').keep(draft)).toBe(false);
  });

  it('is who reads, once given', () => {
    const on = shelf();
    expect(keptReader(on)).toBeUndefined();
    keepReader(on, LI);
    expect(keptReader(on)).toEqual(LI);
  });
});
