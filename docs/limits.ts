import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Config } from '../services/config.ts';

const ROOT = join(import.meta.dirname, '..');

/** A bound: what it bounds, the file and constant (or the setting) that holds it, its unit, and what is answered beyond. */
type Row = readonly [subject: string, source: string, name: string, unit: Unit, beyond: string];
type Unit = 'bytes' | 'count' | 'seconds' | 'milliseconds' | 'times' | 'megabytes';

const DATASET = 'services/dicom/dataset/limits.ts';
const NET = 'services/dicom/net/limits.ts';
const SETTING = 'setting';
const LEFT_OUT = 'the value reads as absent';
const UNREADABLE = '`DATASET_UNREADABLE`';

// biome-ignore format: tables
const TABLES: Readonly<Record<string, readonly Row[]>> = {
  'What a peer may send over DIMSE': [
    ['A-ASSOCIATE-RQ',                         NET,     'MAX_ASSOCIATE_BYTES',        'bytes',   '`PDU_TOO_LONG`, A-ABORT before it is read'],
    ['P-DATA-TF',                              NET,     'MAX_PDU_BYTES',              'bytes',   '`PDU_TOO_LONG`, A-ABORT before it is read'],
    ['command set',                            NET,     'MAX_COMMAND_BYTES',          'bytes',   '`COMMAND_TOO_LONG`, A-ABORT'],
    ['empty fragments of a message',           'services/dicom/dimse/message-assembler.ts', 'MAX_EMPTY_FRAGMENTS', 'count', '`PDU_INVALID`, A-ABORT'],
    ['transfer syntaxes of a context',         'services/dicom/ul/decode-pdu.ts', 'MAX_TRANSFER_SYNTAXES', 'count', '`PDU_INVALID`, A-ABORT'],
    ['headers that are followed to see whether an instance is whole', DATASET, 'MAX_FOLLOWED_HEADERS', 'count', 'it is not judged'],
    ['growth of a deflated instance that is followed, above 16 MiB', DATASET, 'MAX_INFLATE_RATIO', 'count', 'it is not judged'],
    ['an instance',                            SETTING, 'MAX_INSTANCE_MB',            'megabytes', '`DATASET_TOO_LARGE`, A700; twice as much: A-ABORT'],
    ['identifier of a query or retrieval',     NET,     'MAX_IDENTIFIER_BYTES',       'bytes',   '`IDENTIFIER_TOO_LARGE`, A700 (A701)'],
    ['a commitment request, a step, a notification', NET, 'MAX_NOTICE_BYTES',         'bytes',   '0213'],
    ['instances that one of them names',       NET,     'MAX_NAMED_INSTANCES',        'count',   '0213'],
    ['series that one of them names',          NET,     'MAX_NAMED_SERIES',           'count',   '0213'],
    ['requests for commitment of one AE title that wait', 'services/store/commitment-requests.ts', 'MAX_PENDING', 'count', '0110'],
    ['performed steps that are kept',          'services/store/announcements.ts', 'MAX_STEPS', 'count', '0213'],
    ['series of which a count is kept',        'services/store/announcements.ts', 'MAX_ANNOUNCED', 'count', '0213'],
    ['a data set that nobody wants',           NET,     'MAX_DROPPED_BYTES',          'bytes',   'A-ABORT'],
    ['matches of a C-FIND',                    NET,     'MAX_MATCHES',                'count',   '`TOO_MANY_MATCHES`, A700 after them'],
    ['instances of a C-MOVE or C-GET',         NET,     'MAX_RETRIEVED',              'count',   '`TOO_MANY_MATCHES`, A701'],
    ['associations',                           SETTING, 'MAX_ASSOCIATIONS',           'count',   'A-ASSOCIATE-RJ, temporary congestion'],
    ['associations of one address',            SETTING, 'MAX_ASSOCIATIONS_PER_PEER',  'count',   'the same'],
    ['connections that are none yet',          NET,     'MAX_PENDING_CONNECTIONS',    'count',   'the oldest is dropped'],
    ['from connection to A-ASSOCIATE-RQ',      NET,     'ARTIM_SECONDS',              'seconds', 'the connection is closed'],
    ['an association without a byte',          SETTING, 'ASSOCIATION_IDLE_SECONDS',   'seconds', 'A-ABORT'],
    ['an association',                         SETTING, 'ASSOCIATION_TOTAL_SECONDS',  'seconds', 'A-ABORT'],
    ['least bytes a second, while a message is on its way', NET, 'PACE_BYTES_PER_SECOND', 'bytes', 'A-ABORT'],
  ],
  'What a client may send and ask over HTTP': [
    ['connections',                            'services/main/web.ts', 'MAX_CONNECTIONS', 'count', 'one more is closed at once'],
    ['a STOW-RS request',                      SETTING, 'MAX_STOW_MB',                'megabytes', '`BODY_TOO_LARGE`, 413'],
    ['its parts',                              'services/http/split-multipart.ts', 'MAX_PARTS', 'count', '`BAD_REQUEST`; what came whole before is stored'],
    ['headers of a part',                      'services/http/split-multipart.ts', 'MAX_HEADER_BYTES', 'bytes', '`BAD_REQUEST`'],
    ['text before the first part',             'services/http/split-multipart.ts', 'MAX_PREAMBLE_BYTES', 'bytes', '`BAD_REQUEST`'],
    ['least bytes a second of a body',         'services/http/request-body.ts', 'PACE_BYTES_PER_SECOND', 'bytes', 'the connection is cut'],
    ['results of a search',                    'services/http/search-query.ts', 'MAX_RESULTS', 'count', 'a `Warning`; more by `offset`'],
    ['frames of a request',                    'services/http/frame-numbers.ts', 'MAX_FRAMES', 'count', '`BAD_REQUEST`'],
    ['what answers made of files hold together', 'services/http/held-answers.ts', 'MAX_HELD_BYTES', 'bytes', 'others wait'],
    ['a client that takes nothing of its answer', 'services/main/web.ts', 'STALLED_MS', 'milliseconds', 'the connection is cut'],
    ['what waits for a slow event stream',     'services/http/routes/events.ts', 'MAX_UNSENT_BYTES', 'bytes', 'the stream is cut; it comes back with its last id'],
  ],
  'What is read of a data set, in every process': [
    ['sequences within sequences',             DATASET, 'MAX_DEPTH',                  'count',   UNREADABLE],
    ['elements',                               DATASET, 'MAX_ELEMENTS',               'count',   UNREADABLE],
    ['items',                                  DATASET, 'MAX_ITEMS',                  'count',   UNREADABLE],
    ['attributes before Pixel Data',           DATASET, 'MAX_HEAD_BYTES',             'bytes',   UNREADABLE],
    ['text of AE AS CS DA DS DT IS LO PN SH TM UI', DATASET, 'MAX_SHORT_TEXT_BYTES',  'bytes',   LEFT_OUT],
    ['text of LT ST UC UR UT',                 DATASET, 'MAX_LONG_TEXT_BYTES',        'bytes',   LEFT_OUT],
    ['numbers of an attribute',                DATASET, 'MAX_NUMBERS',                'count',   LEFT_OUT],
    ['values of SpecificCharacterSet',         DATASET, 'MAX_CHARACTER_SETS',         'count',   'the others are not looked at'],
    ['an attribute in the index',              DATASET, 'MAX_INDEXED_CHARACTERS',     'count',   'its beginning is indexed; the log says so'],
    ['values in the metadata of an instance',  DATASET, 'MAX_JSON_VALUES',            'count',   '`DATASET_TOO_LARGE`, 413'],
    ['bytes of them',                          DATASET, 'MAX_JSON_BYTES',             'bytes',   '`DATASET_TOO_LARGE`, 413'],
    ['a deflated data set, inflated',          DATASET, 'MAX_INFLATED_BYTES',         'bytes',   '`DATASET_TOO_LARGE`; it is inflated as a stream and never held'],
  ],
  'What is decoded, in children that may be killed': [
    ['samples of a pixel',                     'services/dicom/pixel/pixel-info.ts', 'MAX_SAMPLES', 'count', UNREADABLE],
    ['a frame, decoded or as it is stored',    'services/dicom/pixel/pixel-info.ts', 'MAX_FRAME_BYTES', 'bytes', '`DATASET_TOO_LARGE`'],
    ['all frames, decoded',                    'services/dicom/pixel/pixel-info.ts', 'MAX_PIXEL_BYTES', 'bytes', '`DATASET_TOO_LARGE`'],
    ['fragments',                              'services/dicom/pixel/fragments.ts', 'MAX_FRAGMENTS', 'count', UNREADABLE],
    ['an analysis',                            SETTING, 'ANALYSIS_DEADLINE_SECONDS',  'seconds', 'killed, tried again; then `FAILED(DEADLINE)`'],
    ['an analyzer that says nothing',          'services/detection/analyzer-pool.ts', 'SILENCE_SECONDS', 'seconds', 'the same'],
    ['its memory',                             SETTING, 'ANALYSIS_MEMORY_MB',         'megabytes', 'killed, tried again; then `FAILED(OUT_OF_MEMORY)`'],
    ['its answer',                             'services/detection/analyzer-pool.ts', 'MAX_MESSAGE_BYTES', 'bytes', 'killed; `FAILED(INVALID_MODEL_OUTPUT)`'],
    ['a decoder that gives no answer',         'services/imaging/slice-threads.ts', 'PATIENCE_MS', 'milliseconds', 'its thread is ended and the frame tried once more; then `DAMAGED_IMAGE`'],
    ['an image decoded for the web',           SETTING, 'IMAGE_DEADLINE_SECONDS',     'seconds', 'killed; `IMAGER_DEADLINE`'],
    ['the memory of who decodes it',           SETTING, 'IMAGE_MEMORY_MB',            'megabytes', 'killed; `IMAGER_DIED`'],
  ],
  'What a model package may hold': [
    ['its manifest',                           'services/detection/load-model.ts', 'MAX_MANIFEST_BYTES', 'bytes', '`MODEL_INVALID`, before it is read'],
    ['a graph',                                'services/detection/manifest/artifact.ts', 'MAX_GRAPH_BYTES', 'bytes', '`MODEL_INVALID`, before it is read'],
    ['graphs within graphs',                   'services/detection/onnx/read-graph.ts', 'MAX_DEPTH', 'count', '`MODEL_INVALID`'],
    ['nodes',                                  'services/detection/onnx/read-graph.ts', 'MAX_NODES', 'count', '`MODEL_INVALID`'],
    ['weights and constants',                  'services/detection/onnx/read-graph.ts', 'MAX_TENSORS', 'count', '`MODEL_INVALID`'],
    ['a JSON file of an export',               'services/detection/import/import-model.ts', 'MAX_JSON_BYTES', 'bytes', '`MODEL_INVALID`, before it is read'],
  ],
};

/** The page of all bounds; its numbers are those of the sources. */
export function limitsPage(): string {
  const sections = Object.entries(TABLES).map(
    ([title, rows]) =>
      `## ${title}\n\n| what | at most | beyond it | where |\n|---|--:|---|---|\n${rows.map(line).join('\n')}`,
  );
  return `# Limits

Made by \`npm run docs\` from the sources. Whatever a stranger sends ends within these bounds, with a name. Receiver and web
server read headers and attributes themselves, by one bounded reader; pixels are decoded only in children that may be killed.
\`test/mutants\` holds all of it against 10 000 damaged files at a time.

${sections.join('\n\n')}
`;
}

function line([subject, source, name, unit, beyond]: Row): string {
  const where = source === SETTING ? `\`${name}\`` : `\`${name}\` in \`${source}\``;
  const value = source === SETTING ? settingOf(name) : constantOf(source, name);
  return `| ${subject} | ${shown(value, unit)} | ${beyond} | ${where} |`;
}

function settingOf(name: string): number {
  const schema = Object.entries(Config.unwrap().shape).find(([key]) => key === name)?.[1];
  return Number(schema?.parse(undefined));
}

/** The number that a source gives a constant: digits, products and powers. */
function constantOf(source: string, name: string): number {
  const [, text] = new RegExp(`const ${name} = ([\\d_ *]+);`).exec(readFileSync(join(ROOT, source), 'utf8')) ?? [];
  if (text === undefined) throw new Error(`${source} has no ${name}`);
  return text
    .replaceAll('_', '')
    .replaceAll('**', '^')
    .split('*')
    .reduce((product, factor) => {
      const [base = '', exponent = '1'] = factor.split('^');
      return product * Number(base) ** Number(exponent);
    }, 1);
}

function shown(value: number, unit: Unit): string {
  if (unit === 'bytes') return inBytes(value);
  if (unit === 'megabytes') return inBytes(value * 2 ** 20);
  if (unit === 'seconds') return `${value} s`;
  if (unit === 'milliseconds') return `${value / 1000} s`;
  return value.toLocaleString('en-US').replaceAll(',', ' ');
}

function inBytes(value: number): string {
  const [size, name] = (
    [
      [2 ** 30, 'GiB'],
      [2 ** 20, 'MiB'],
      [1024, 'KiB'],
    ] as const
  ).find(([each]) => value % each === 0) ?? [1, 'bytes'];
  return `${value / size} ${name}`;
}
