import type { MessageKey } from '../locales/en.ts';

/** The keys of the study screen by what they do, named as in `KeyMap`. One table: what is bound, and what is told. */
export const STUDY_KEYS = {
  nextFinding: 'n',
  previousFinding: 'shift+n',
  peek: ' ',
  overlay: 'o',
  thresholdDown: ',',
  thresholdUp: '.',
  lung: '1',
  mediastinum: '2',
  bone: '3',
  soft: '4',
  stored: '5',
  sliceUp: 'arrowup',
  sliceDown: 'arrowdown',
  firstSlice: 'home',
  lastSlice: 'end',
  previousSeries: 'pageup',
  nextSeries: 'pagedown',
  previousPlane: 'arrowleft',
  nextPlane: 'arrowright',
  cine: 'c',
  zoomIn: '+',
  zoomOut: '-',
  fit: '=',
  invert: 'i',
  maximise: 'f',
  layout: 'w',
  zoomTool: 'z',
  length: 'l',
  bidirectional: 'b',
  ellipse: 'r',
  probe: 'p',
  angle: 'q',
  placeMeasurement: 'enter',
  deleteMeasurement: 'delete',
  deleteMeasurementToo: 'backspace',
  slab: 's',
  thinner: '[',
  thicker: ']',
  prior: 'g',
  help: '?',
  escape: 'escape',
} as const;

export type StudyAction = keyof typeof STUDY_KEYS;

/** Keys of the review of findings: nothing else on the screen may take them. */
export const REVIEW_KEYS = ['a', 'x', 'e', 'm', 'd', 'u', 'v', 'y'] as const;

export interface HelpGroup {
  readonly title: MessageKey;
  readonly rows: readonly (readonly [keys: readonly string[], meaning: MessageKey])[];
}

/** What the help shows, in the order of a reading. */
// biome-ignore format: a table
export const STUDY_HELP: readonly HelpGroup[] = [
  { title: 'keys.findings', rows: [
    [['N', 'Shift N'],               'keys.next'],
    [['Space'],                      'keys.space'],
    [['O'],                          'keys.overlay'],
    [[',', '.'],                     'keys.threshold'],
    [['G'],                          'keys.prior'],
  ] },
  { title: 'keys.images', rows: [
    [['↑', '↓'],                     'keys.slices'],
    [['Home', 'End'],                'keys.ends'],
    [['PgUp', 'PgDn'],               'keys.series'],
    [['←', '→'],                     'keys.planes'],
    [['C'],                          'keys.cine'],
    [['1', '2', '3', '4', '5'],      'keys.presets'],
    [['I'],                          'keys.invert'],
    [['+', '-', '='],                'keys.zoom'],
    [['Z'],                          'keys.zoomTool'],
    [['F'],                          'keys.maximise'],
    [['W'],                          'keys.layout'],
    [['S', '[', ']'],                'keys.slab'],
  ] },
  { title: 'keys.measuring', rows: [
    [['L'],                          'measure.length'],
    [['B'],                          'measure.bidirectional'],
    [['R'],                          'measure.ellipse'],
    [['P'],                          'measure.probe'],
    [['Q'],                          'measure.angle'],
    [['Enter'],                      'keys.place'],
    [['Del'],                        'keys.delete'],
  ] },
  { title: 'keys.general', rows: [
    [['Esc'],                        'keys.escape'],
    [['?'],                          'keys.help'],
  ] },
];
