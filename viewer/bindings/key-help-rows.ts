import type { MessageKey } from '../locales/en.ts';
import type { KeyAction } from './key-actions.ts';

/** An action, whose key may be another one at each browser, or a key that is the same everywhere. */
type Told = KeyAction | { readonly always: string };

interface HelpGroup {
  readonly title: MessageKey;
  readonly rows: readonly (readonly [keys: readonly Told[], meaning: MessageKey])[];
}

/** What the help shows, in the order of a reading. */
// biome-ignore format: a table
export const KEY_HELP: readonly HelpGroup[] = [
  { title: 'keys.review', rows: [
    [['accept', 'reject', 'defer'],                       'keys.verdicts'],
    [['edit', 'add'],                                     'keys.edit'],
    [['undo', { always: 'Ctrl Y' }],                      'keys.undo'],
    [[{ always: 'Ctrl S' }, { always: 'Ctrl ↵' }],        'keys.save'],
    [['reveal'],                                          'keys.reveal'],
    [['summary'],                                         'keys.summary'],
  ] },
  { title: 'keys.findings', rows: [
    [['nextFinding', 'previousFinding'],                  'keys.next'],
    [['peek'],                                            'keys.space'],
    [['overlay'],                                         'keys.overlay'],
    [['thresholdDown', 'thresholdUp'],                    'keys.threshold'],
    [['prior'],                                           'keys.prior'],
  ] },
  { title: 'keys.images', rows: [
    [['sliceUp', 'sliceDown'],                            'keys.slices'],
    [['firstSlice', 'lastSlice'],                         'keys.ends'],
    [['previousSeries', 'nextSeries'],                    'keys.series'],
    [['previousPlane', 'nextPlane'],                      'keys.planes'],
    [['cine'],                                            'keys.cine'],
    [['lung', 'mediastinum', 'bone', 'soft', 'stored'],   'keys.presets'],
    [['invert'],                                          'keys.invert'],
    [['zoomIn', 'zoomOut', 'fit'],                        'keys.zoom'],
    [['zoomTool'],                                        'keys.zoomTool'],
    [['maximise'],                                        'keys.maximise'],
    [['layout'],                                          'keys.layout'],
    [['slab', 'thinner', 'thicker'],                      'keys.slab'],
  ] },
  { title: 'keys.measuring', rows: [
    [['length'],                                          'measure.length'],
    [['bidirectional'],                                   'measure.bidirectional'],
    [['ellipse'],                                         'measure.ellipse'],
    [['probe'],                                           'measure.probe'],
    [['angle'],                                           'measure.angle'],
    [['placeMeasurement'],                                'keys.place'],
    [['deleteMeasurement', 'deleteMeasurementToo'],       'keys.delete'],
  ] },
  { title: 'keys.general', rows: [
    [['escape'],                                          'keys.escape'],
    [['help'],                                            'keys.help'],
  ] },
];

/** The words for an action: those of its row. */
export const meaningOf = (action: KeyAction): MessageKey =>
  KEY_HELP.flatMap(({ rows }) => rows).find(([keys]) => keys.includes(action))?.[1] ?? 'keys.title';
