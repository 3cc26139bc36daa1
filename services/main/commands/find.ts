import type { Dataset } from '../../dicom/dataset/dataset.ts';
import { registeredKeyword } from '../../dicom/dataset/dictionary.ts';
import { find } from '../../dicom/net/find-scu.ts';
import { AppError } from '../../domain/errors.ts';
import type { FindOptions, PeerAddress } from './options.ts';

/** Prints a line for each match: the attributes that were asked for, separated by tabs. `keys`: KEYWORD or KEYWORD=VALUE. */
export async function findCommand(peer: PeerAddress, keys: readonly string[], options: FindOptions): Promise<void> {
  const { from, level, patientRoot, relational, fuzzy } = options;
  const asked = keys.map(parseKey);
  const counted = { matches: 0 };
  const matches = find(peer, from, {
    ...{ model: patientRoot ? 'patient root' : 'study root', level },
    keys: Object.fromEntries(asked.map(({ keyword, values }) => [keyword, values])),
    ...((relational || fuzzy) && { extended: { relational, fuzzy } }),
  });
  for await (const match of matches) {
    counted.matches += 1;
    process.stdout.write(`${asked.map((key) => `${key.keyword}=${textOf(match, key)}`).join('\t')}\n`);
  }
  process.stderr.write(`${counted.matches} matches at ${peer.AETitle}\n`);
}

interface Key {
  readonly keyword: string;
  readonly tag: number;
  readonly vr: string;
  readonly values: readonly string[];
}

function parseKey(text: string): Key {
  const [keyword = '', ...value] = text.split('=');
  const entry = registeredKeyword(keyword);
  if (entry === undefined || entry.vr === 'SQ') throw new AppError('BAD_REQUEST', `${keyword} is no key of a query`);
  const values = value.length === 0 || value[0] === '' ? [] : value.join('=').split('\\');
  return { keyword, values, ...entry };
}

/** What a peer says goes to a terminal: nothing that would steer it. */
function textOf(match: Dataset, { tag, vr }: Key): string {
  const values = vr === 'US' ? match.numbers(tag).map(String) : match.strings(tag);
  return values.join('\\').replace(/\p{Cc}/gu, '?');
}
