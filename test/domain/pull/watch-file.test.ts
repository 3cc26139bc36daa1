import { describe, expect, it } from 'vitest';
import { PeerList } from '../../../services/domain/peer.ts';
import { parseWatches } from '../../../services/domain/pull/watch-file.ts';
import { watchWords } from '../../../services/main/pull/watch-words.ts';

const WORDS = watchWords(
  PeerList.parse([
    { name: 'archive', AETitle: 'ARCHIVE', host: '10.0.0.1', port: 104 },
    { name: 'web', AETitle: 'WEB', dicomwebUrl: 'https://10.0.0.2/dicom-web' },
  ]),
);
const problem = (given: unknown): string => {
  try {
    parseWatches(given, WORDS);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'accepted';
};
const watch = (given: object) => ({ watches: [{ name: 'night', peer: 'archive', ...given }] });

describe('a file of watches', () => {
  it('has defaults for all but name and peer', () => {
    expect(parseWatches(watch({}), WORDS).watches[0]).toEqual({
      ...{ name: 'night', peer: 'archive', by: 'C-FIND', fetch: 'C-GET', everySeconds: 60, keys: {} },
      ...{ lookbackHours: 24, overlapHours: 24 },
    });
  });

  // biome-ignore format: a table
  it.each([
    [watch({ peer: 'attic' }),                                       'night: attic is no peer of PEERS_FILE'],
    [watch({ by: 'QIDO-RS' }),                                       'night: archive has no dicomwebUrl'],
    [watch({ peer: 'web', by: 'QIDO-RS', fetch: 'C-MOVE' }),         'night: web has no host and port'],
    [watch({ keys: { StationNam: 'CT01' } }),                        'night: StationNam is no key of a query'],
    [watch({ keys: { StudyDate: '20240101' } }),                     'night: StudyDate is asked by the watch itself'],
    [{ watches: [...watch({}).watches, ...watch({}).watches] },      'night: the name of two'],
    [watch({ everySecond: 3 }),                                      'everySecond'],
    [{ priors: [{ name: 'p', peer: 'archive', when: { attribute: 'Modalty', equals: 'CT' } }] }, 'Modalty'],
  ])('%j', (given, expected) => {
    expect(problem(given)).toContain(expected);
  });
});
