import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { qidoSearch } from '../../../services/dicom/web/qido-client.ts';
import { wadoRetrieve } from '../../../services/dicom/web/wado-client.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { splitMultipart } from '../../../services/http/split-multipart.ts';

/** A service that answers what a test says. */
const service: { answer: (req: IncomingMessage, res: ServerResponse) => void; server?: Server; root: string } = {
  answer: (_req, res) => res.end(),
  root: '',
};
beforeAll(async () => {
  service.server = createServer((req, res) => service.answer(req, res));
  await new Promise<void>((resolve) => service.server?.listen(0, '127.0.0.1', resolve));
  service.root = `http://127.0.0.1:${(service.server.address() as AddressInfo).port}/dicom-web`;
});
afterAll(() => void service.server?.closeAllConnections());

const options = { signal: new AbortController().signal, idleSeconds: 30 };
/** For a service that says nothing any more. */
const SOON = 0.5;
const code = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => new Error('it went well'),
    (failure: unknown) => failure,
  );
  return error instanceof AppError ? error.code : String(error);
};

async function search(keys: Readonly<Record<string, string>>, root = service.root, idleSeconds = 30) {
  const found: string[] = [];
  for await (const answer of qidoSearch(root, 'STUDY', keys, { ...options, idleSeconds }))
    found.push(answer.StudyInstanceUID?.[0] ?? '');
  return found;
}
const study = (uid: string) => ({ '0020000D': { vr: 'UI', Value: [uid] } });
const json = (body: unknown) => (_req: IncomingMessage, res: ServerResponse) => void res.end(JSON.stringify(body));

describe('QIDO-RS (PS3.18 §10.6)', () => {
  it('asks page by page, and each match comes once', async () => {
    const asked: string[] = [];
    service.answer = (req, res) => {
      asked.push(req.url ?? '');
      const offset = Number(new URL(req.url ?? '', service.root).searchParams.get('offset') ?? 0);
      const page = Array.from({ length: offset === 0 ? 500 : 20 }, (_, at) =>
        study(`1.2.${Math.max(0, offset - 10) + at}`),
      );
      res.end(JSON.stringify(page));
    };
    expect(new Set(await search({ StudyDate: '20240101-' })).size).toBe(510);
    expect(asked).toEqual([
      '/dicom-web/studies?StudyDate=20240101-&limit=500',
      '/dicom-web/studies?StudyDate=20240101-&limit=500&offset=500',
    ]);
  });

  it('ends where a service knows no pages', async () => {
    service.answer = json(Array.from({ length: 500 }, (_, at) => study(`1.2.${at}`)));
    expect(await search({})).toHaveLength(500);
  });

  it('sends no letter that would have to be encoded', async () => {
    const asked: string[] = [];
    service.answer = (req, res) => {
      asked.push(req.url ?? '');
      res.statusCode = 204;
      res.end();
    };
    await search({ PatientName: '王^A&B=C', StudyDescription: 'CT chest*', ModalitiesInStudy: 'CT\\MR' });
    expect(asked).toEqual([
      '/dicom-web/studies?PatientName=*?A?B?C&StudyDescription=CT?chest*&includefield=ModalitiesInStudy&limit=500',
    ]);
  });

  it('gives name and password as Basic authentication, and to nobody else', async () => {
    const heard: (string | undefined)[] = [];
    service.answer = (req, res) => {
      heard.push(req.headers.authorization);
      res.statusCode = 403;
      res.end();
    };
    const root = service.root.replace('http://', 'http://me:p%40ss@');
    const error = await search({}, root).catch((failure: unknown) => failure);
    expect(heard).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
    expect(String(error)).not.toContain('p@ss');
    const closed = await search({}, root.replace(/:\d+\//, ':1/')).catch((failure: unknown) => failure);
    expect(String(closed)).not.toMatch(/p(@|%40)ss/);
  });

  // biome-ignore format: a table
  it.each<[string, typeof service.answer, string]>([
    ['no JSON',        (_req, res) => void res.end('<html>'),                                                  'PACS_REFUSED'],
    ['no list',        json({}),                                                                               'PACS_REFUSED'],
    ['a failure',      (_req, res) => { res.statusCode = 500; res.end(); },                                    'PACS_REFUSED'],
    ['a redirect',     (_req, res) => { res.writeHead(302, { location: 'http://127.0.0.1:1/' }); res.end(); }, 'PACS_UNREACHABLE'],
    ['nothing',        () => {},                                                                               'ASSOCIATION_TIMEOUT'],
    ['half a body',    (_req, res) => { res.writeHead(200, { 'content-length': 100 }); res.write('['); res.socket?.destroySoon(); }, 'ASSOCIATION_ABORTED'],
    ['a stalled body', (_req, res) => { res.write('['); },                                                     'ASSOCIATION_TIMEOUT'],
    ['too long a page', (_req, res) => endless(res),                                                           'PACS_REFUSED'],
  ])('%s is an error with a name', async (_name, answer, expected) => {
    service.answer = answer;
    const isSilent = expected === 'ASSOCIATION_TIMEOUT';
    expect(await code(search({}, service.root, isSilent ? SOON : 30))).toBe(expected);
  });

  it('members that are none read as absent', async () => {
    service.answer = json([
      null,
      7,
      { '0020000D': { Value: 'x' } },
      { '0020000D': { Value: [{ a: 1 }, ['1.2']] } },
      study('1.3'),
    ]);
    expect((await search({})).filter((uid) => uid !== '')).toEqual(['1.3']);
  });
});

function endless(res: ServerResponse): void {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  const write = (): void => {
    if (!res.destroyed) res.write(chunk, (error) => !error && write());
  };
  write();
}

describe('WADO-RS (PS3.18 §10.4)', () => {
  async function retrieve(refuse = (_bytes: string): AppError | undefined => undefined) {
    const taken: string[] = [];
    const aborted: string[] = [];
    const openFile = () => {
      const parts: Uint8Array[] = [];
      const text = () => Buffer.concat(parts).toString();
      return {
        write: (bytes: Uint8Array) => void parts.push(bytes.slice()),
        end: async () => {
          const error = refuse(text());
          if (error !== undefined) throw error;
          taken.push(text());
        },
        abort: async () => void aborted.push(text()),
      };
    };
    const request = { StudyInstanceUID: '1.2', SOPClassUIDs: [] };
    const ended = await code(wadoRetrieve(service.root, request, { openFile, split: splitMultipart }, options));
    return { taken, aborted, ended };
  }
  const multipart = (body: string, type = 'multipart/related; type="application/dicom"; boundary=b') =>
    ((_req, res) => {
      res.writeHead(200, { 'content-type': type });
      res.end(body);
    }) satisfies typeof service.answer;
  const part = (text: string) => `--b\r\nContent-Type: application/dicom\r\n\r\n${text}\r\n`;

  it('takes each part', async () => {
    service.answer = multipart(`${part('one')}${part('two')}--b--`);
    expect(await retrieve()).toEqual({ taken: ['one', 'two'], aborted: [], ended: 'Error: it went well' });
  });

  it('takes a single file that comes without parts', async () => {
    service.answer = multipart('one', 'application/dicom; transfer-syntax=1.2.840.10008.1.2.1');
    expect(await retrieve()).toEqual({ taken: ['one'], aborted: [], ended: 'Error: it went well' });
  });

  it('goes on behind a part that is refused, and says why in the end', async () => {
    service.answer = multipart(`${part('one')}${part('two')}${part('three')}--b--`);
    const refuse = (text: string) => (text === 'two' ? new AppError('DATASET_UNREADABLE', 'not one') : undefined);
    expect(await retrieve(refuse)).toEqual({ taken: ['one', 'three'], aborted: ['two'], ended: 'DATASET_UNREADABLE' });
  });

  it('keeps what came before a cut, and nothing of the part that was cut', async () => {
    service.answer = multipart(`${part('one')}--b\r\n\r\ntwo is cut`);
    expect(await retrieve()).toMatchObject({ taken: ['one'], ended: 'BAD_REQUEST' });
    service.answer = multipart(`${part('one')}--b\r\n\r\ntw`);
    expect((await retrieve()).aborted).toHaveLength(1);
  });

  it.each([
    ['text/html', 'PACS_REFUSED'],
    ['multipart/related; type="application/dicom"', 'PACS_REFUSED'],
  ])('%s is none', async (type, expected) => {
    service.answer = multipart('', type);
    expect(await retrieve()).toMatchObject({ taken: [], ended: expected });
  });
});
