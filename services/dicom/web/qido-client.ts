import { AppError } from '../../domain/errors.ts';
import type { Answer } from '../../domain/pull/answer.ts';
import { registeredKeyword } from '../dataset/dictionary.ts';
import { type WebOptions, webGet } from './web-request.ts';

export type QidoLevel = 'STUDY' | 'SERIES' | 'IMAGE';

const PAGE = 500;
const MAX_PAGE_BYTES = 32 * 1024 * 1024;

/**
 * QIDO-RS as user agent (PS3.18 §10.6): matches page by page, each once. `keys`: keyword and value; `''` asks for an attribute
 * without narrowing. The UIDs of the levels above go into the path. More may be answered than was asked for.
 *
 * @throws {AppError} as `webGet`; PACS_REFUSED when the answer is no DICOM JSON.
 */
export async function* qidoSearch(
  root: string,
  level: QidoLevel,
  keys: Readonly<Record<string, string>>,
  options: WebOptions,
): AsyncGenerator<Answer> {
  const unique = { STUDY: 'StudyInstanceUID', SERIES: 'SeriesInstanceUID', IMAGE: 'SOPInstanceUID' }[level];
  const asked = [...new Set([unique, ...Object.keys(keys)])];
  const seen = new Set<string>();
  for (let offset = 0; ; offset += PAGE) {
    const page = await onePage(searchUrl(root, level, keys, offset), asked, options);
    const fresh = page.filter((answer) => !seen.has(answer[unique]?.[0] ?? ''));
    for (const answer of fresh) seen.add(answer[unique]?.[0] ?? '');
    yield* fresh;
    // A service that knows no pages answers the same again.
    if (page.length < PAGE || fresh.length === 0) return;
  }
}

function searchUrl(root: string, level: QidoLevel, keys: Readonly<Record<string, string>>, offset: number): URL {
  const { StudyInstanceUID = '', SeriesInstanceUID = '' } = keys;
  const above = ['StudyInstanceUID', 'SeriesInstanceUID'].slice(0, { STUDY: 0, SERIES: 1, IMAGE: 2 }[level]);
  const paths = {
    STUDY: 'studies',
    SERIES: `studies/${StudyInstanceUID}/series`,
    IMAGE: `studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances`,
  };
  const url = new URL(paths[level], root.endsWith('/') ? root : `${root}/`);
  const asked = Object.entries(keys).filter(([keyword]) => !above.includes(keyword));
  const parameters = asked.map(([keyword, value]) =>
    value === '' || value.includes('\\') ? `includefield=${keyword}` : `${keyword}=${plainLetters(value)}`,
  );
  url.search = [...parameters, `limit=${PAGE}`, ...(offset > 0 ? [`offset=${offset}`] : [])].join('&');
  return url;
}

/**
 * A value in letters that need no encoding, wildcards for the others: Orthanc's plugin does not decode them, and finds nothing.
 * So more may be found than was asked for, and the asker looks again.
 */
const plainLetters = (value: string): string =>
  value.replace(/[^\w.~*?:/@!$(),;-]/gu, (letter) => (/[ -~]/.test(letter) ? '?' : '*'));

async function onePage(url: URL, keywords: readonly string[], options: WebOptions): Promise<readonly Answer[]> {
  const { status, body } = await webGet(url, 'application/dicom+json', options);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MAX_PAGE_BYTES)
      throw new AppError('PACS_REFUSED', `a page of QIDO-RS is longer than ${MAX_PAGE_BYTES} bytes`);
    parts.push(part);
  }
  if (status === 204 || bytes === 0) return [];
  return answersOf(parseJson(Buffer.concat(parts).toString('utf8')), keywords);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('PACS_REFUSED', 'QIDO-RS answered no JSON');
  }
}

function answersOf(json: unknown, keywords: readonly string[]): readonly Answer[] {
  if (!Array.isArray(json)) throw new AppError('PACS_REFUSED', 'QIDO-RS answered no list');
  const tags = keywords.map((keyword) => {
    const tag = registeredKeyword(keyword)?.tag ?? 0;
    return [keyword, tag.toString(16).padStart(8, '0').toUpperCase()] as const;
  });
  return json.map((object: unknown) =>
    Object.fromEntries(tags.map(([keyword, tag]) => [keyword, textsOf(memberOf(memberOf(object, tag), 'Value'))])),
  );
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

/** Values of the DICOM JSON model (PS3.18 Annex F.2.2) as texts; of a name its alphabetic group. */
function textsOf(values: unknown): readonly string[] {
  if (!Array.isArray(values)) return [];
  return values.map((value: unknown) => {
    const plain = typeof value === 'object' ? memberOf(value, 'Alphabetic') : value;
    return typeof plain === 'string' || typeof plain === 'number' ? String(plain) : '';
  });
}
