import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { part10Header, readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import { TRANSFER_SYNTAX, type TransferSyntax } from '../support/dicom-bytes.ts';
import { type SyntheticInstance, syntheticSeries } from '../support/synthetic-series.ts';
import { stowBody } from './stow-body.ts';
import { MAX_BODY_BYTES, startStow } from './stow-server.ts';

const started: { server?: Awaited<ReturnType<typeof startStow>> } = {};
const stow = () => {
  if (started.server === undefined) throw new Error('not started');
  return started.server;
};
beforeAll(async () => {
  started.server = await startStow();
});
afterAll(() => started.server?.close());
beforeEach(() => stow().forget());

const small = (options: Parameters<typeof syntheticSeries>[0] = {}) =>
  syntheticSeries({ slices: 3, rows: 32, columns: 32, ...options });
const reference = ({ SOPClassUID, SOPInstanceUID }: SyntheticInstance) => ({
  '00081150': { vr: 'UI', Value: [SOPClassUID] },
  '00081155': { vr: 'UI', Value: [SOPInstanceUID] },
});
const reason = (value: number) => ({ '00081197': { vr: 'US', Value: [value] } });
const first = <T>(list: readonly T[]): T => {
  const [item] = list;
  if (item === undefined) throw new Error('empty');
  return item;
};

describe('STOW-RS (PS3.18 §10.5)', () => {
  it.each(Object.keys(TRANSFER_SYNTAX) as TransferSyntax[])(
    'stores a series in %s as it came',
    async (transferSyntax) => {
      const { instances, StudyInstanceUID, SeriesInstanceUID } = small({ transferSyntax });
      const answer = await stow().store(instances.map(({ file }) => file));
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/dicom+json']);
      const url = `${stow().root}/${StudyInstanceUID}`;
      expect(await answer.json()).toEqual({
        '00081190': { vr: 'UR', Value: [url] },
        '00081199': {
          vr: 'SQ',
          Value: instances.map((instance) => ({
            ...reference(instance),
            '00081190': {
              vr: 'UR',
              Value: [`${url}/series/${SeriesInstanceUID}/instances/${instance.SOPInstanceUID}`],
            },
          })),
        },
      });
      for (const { SOPInstanceUID, dataset } of instances) {
        const file = readFileSync(join(stow().directory, stow().recorded.get(SOPInstanceUID)?.path ?? ''));
        expect(file.subarray(readPart10Meta(file).datasetOffset).equals(dataset)).toBe(true);
      }
      expect(stow().ended).toEqual([{ series: [{ StudyInstanceUID, SeriesInstanceUID }], whole: true }]);
      expect(stow().incoming()).toEqual([]);
    },
  );

  it('takes the same again, and an own study in the path', async () => {
    const { instances, StudyInstanceUID } = small();
    const files = instances.map(({ file }) => file);
    expect((await stow().store(files)).status).toBe(200);
    expect((await stow().store(files, `/${StudyInstanceUID}`)).status).toBe(200);
    expect(stow().recorded.size).toBe(3);
  });

  it('tells each instance what became of it: 202', async () => {
    const { instances, StudyInstanceUID } = small();
    const [good, changed, unknown] = instances;
    if (good === undefined || changed === undefined || unknown === undefined) throw new Error('too few');
    const differing = small({ pixelOffsetHu: 7 }).instances[1]?.file ?? Buffer.of();
    const other = first(small({ seed: 'other' }).instances);
    await stow().store([changed.file]);
    const answer = await stow().store(
      [good.file, differing, other.file, Buffer.from('no DICOM'), unknown.file.subarray(0, 600)],
      `/${StudyInstanceUID}`,
    );
    expect(answer.status).toBe(202);
    const told = (await answer.json()) as Record<string, { Value: unknown[] }>;
    expect(told['00081199']?.Value).toEqual([expect.objectContaining(reference(good))]);
    expect(told['00081198']?.Value).toEqual([
      { ...reference(changed), ...reason(0x0111) },
      { ...reference(other), ...reason(0xa900) },
      { ...reference(unknown), ...reason(0xc000) },
    ]);
    expect(told['0008119A']?.Value).toEqual([reason(0xc000)]);
    expect(stow().incoming()).toEqual([]);
  });

  it('none stored: 409 with the reasons', async () => {
    const { instances } = small();
    const { SOPInstanceUID, dataset } = first(instances);
    const meta = {
      SOPClassUID: '1.2.3.4',
      SOPInstanceUID,
      TransferSyntaxUID: '1.2.840.10008.1.2.1',
      sourceAETitle: 'A',
    };
    const classRefused = Buffer.concat([part10Header(meta), dataset]);
    const syntaxRefused = Buffer.concat([
      part10Header({ ...meta, SOPClassUID: first(instances).SOPClassUID, TransferSyntaxUID: '1.2.3' }),
      dataset,
    ]);
    const answer = await stow().store([classRefused, syntaxRefused]);
    expect(answer.status).toBe(409);
    expect(await answer.json()).toEqual({
      '00081198': {
        vr: 'SQ',
        Value: [expect.objectContaining(reason(0x0122)), expect.objectContaining(reason(0xc122))],
      },
    });
    expect(stow().ended).toEqual([]);
  });

  it('a part of another media type is refused, the next one taken', async () => {
    const { file } = first(small().instances);
    const { body, headers } = stowBody([file]);
    const mixed = Buffer.concat([
      stowBody([file], 'image/jpeg').body.subarray(0, -'--overread-test--\r\n'.length),
      body,
    ]);
    const answer = await fetch(stow().root, { method: 'POST', body: mixed, headers });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ '0008119A': { Value: [reason(0xc000)] } });
  });
});

describe('what is refused as a whole', () => {
  const post = (init: RequestInit, path = '') => fetch(`${stow().root}${path}`, { method: 'POST', ...init });
  const { body, headers } = stowBody([first(small().instances).file]);
  it.each<[number, string, RequestInit, string?]>([
    [400, 'no UID in the path', { body, headers }, '/1.02'],
    [400, 'no part', { body: '--overread-test--', headers }],
    [400, 'no delimiter', { body: 'x', headers }],
    [400, 'no boundary', { body, headers: { 'content-type': 'multipart/related; type="application/dicom"' } }],
    [406, 'XML wanted', { body, headers: { ...headers, accept: 'application/dicom+xml' } }],
    [413, 'more than a body may have', { body: Buffer.alloc(MAX_BODY_BYTES + 1), headers }],
    [415, 'no type', { body }],
    [
      415,
      'JSON metadata with bulk data',
      { body, headers: { 'content-type': 'multipart/related; type="application/dicom+json"; boundary=x' } },
    ],
    [415, 'a form', { body, headers: { 'content-type': 'multipart/form-data; boundary=overread-test' } }],
    [415, 'a compressed body', { body, headers: { ...headers, 'content-encoding': 'gzip' } }],
    [403, 'a page of another site', { body, headers: { ...headers, origin: 'http://evil.example' } }],
  ])('%i: %s', async (status, _, init, path) => {
    const answer = await post(init, path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(stow().recorded.size).toBe(0);
  });

  it('405: PUT, with what there is', async () => {
    const answer = await fetch(stow().root, { method: 'PUT', body, headers });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});

describe('what cannot be stored now', () => {
  it('413: an instance above the limit; the one before it stays', async () => {
    const large = first(syntheticSeries({ slices: 1, rows: 600, columns: 600, seed: 'large' }).instances);
    const alone = await stow().store([large.file]);
    expect([alone.status, await alone.json()]).toEqual([
      413,
      { '00081198': { vr: 'SQ', Value: [{ ...reference(large), ...reason(0xa700) }] } },
    ]);
    expect((await stow().store([first(small().instances).file, large.file])).status).toBe(202);
    expect(stow().recorded.size).toBe(1);
    expect(stow().incoming()).toEqual([]);
  });

  it('507: no space', async () => {
    stow().disk.minFreeBytes = Number.MAX_SAFE_INTEGER;
    const answer = await stow().store(small().instances.map(({ file }) => file));
    expect([answer.status, stow().recorded.size]).toEqual([507, 0]);
    expect(stow().incoming()).toEqual([]);
  });

  it('503: the database does not answer, for longer than it is asked again', async () => {
    stow().index.answers = false;
    const answer = await stow().store([first(small().instances).file]);
    expect([answer.status, answer.headers.get('retry-after'), stow().recorded.size]).toEqual([503, '5', 0]);
  });

  it('a body that goes beyond the limit by count: what came before is stored and told', async () => {
    const { instances } = small();
    const { body, headers } = stowBody([first(instances).file, Buffer.alloc(MAX_BODY_BYTES)]);
    async function* chunks() {
      for (let at = 0; at < body.length; at += 65_536) yield body.subarray(at, at + 65_536);
    }
    const answer = await fetch(stow().root, {
      method: 'POST',
      body: ReadableStream.from(chunks()),
      headers,
      duplex: 'half',
    });
    expect([answer.status, await answer.json()]).toEqual([
      202,
      expect.objectContaining({ '0008119A': { vr: 'SQ', Value: [reason(0xa700)] } }),
    ]);
    expect(stow().ended).toMatchObject([{ whole: false }]);
  });
});
