import { EMPTY_CONTENT } from '../../services/domain/review.ts';
import type { HttpPorts } from '../../services/http/app.ts';

const unused = () => Promise.reject(new Error('nothing is read here'));

/** A server on which every study is unread and stays so. */
export const unread: Pick<HttpPorts, 'readings' | 'signReading' | 'segmentAt' | 'observeExperience'> = {
  readings: {
    reading: async (StudyInstanceUID) => ({
      ...{ StudyInstanceUID, state: 'OPEN', revision: 0, modes: {}, revealedAt: null, reader: null, changedAt: null },
      ...{ content: EMPTY_CONTENT, reports: [], strangers: [] },
    }),
    saveDraft: unused,
    reveal: unused,
    amend: unused,
  },
  signReading: unused,
  segmentAt: unused,
  observeExperience: () => {},
};
