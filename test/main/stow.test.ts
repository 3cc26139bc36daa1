import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stowBody } from '../http/stow-body.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { descendantsOf } from '../support/processes.ts';
import { type SyntheticInstance, syntheticSeries } from '../support/synthetic-series.ts';

const running: { overread?: Overread } = {};
const overread = () => {
  if (running.overread === undefined) throw new Error('not started');
  return running.overread;
};
beforeAll(async () => {
  running.overread = await startOverread({ SERIES_QUIET_SECONDS: '20' });
}, 120_000);
afterAll(async () => {
  await running.overread?.stop();
  running.overread?.remove();
});
const web = () =>
  descendantsOf(overread().supervisorPid()).find(({ command }) => command.includes('/web.ts'))?.pid ?? 0;

const store = (files: readonly Uint8Array[]) =>
  fetch(`${overread().url}/dicomweb/studies`, { method: 'POST', ...stowBody(files) });

/** SOP Instance UIDs that an answer says are stored. */
async function storedBy(answer: Response): Promise<string[]> {
  const told = (await answer.json()) as { '00081199'?: { Value: { '00081155': { Value: string[] } }[] } };
  return (told['00081199']?.Value ?? []).flatMap((item) => item['00081155'].Value);
}

it('a series that came by STOW-RS is read soon: no quiet time of a sender that is still connected', async () => {
  const { instances, StudyInstanceUID } = syntheticSeries({ seed: 'stow-read' });
  const answer = await store(instances.map(({ file }) => file));
  expect(answer.status).toBe(200);
  const detail = await overread().ended(StudyInstanceUID, 60);
  expect(detail.runs.map(({ state }) => state)).toEqual([expect.stringMatching(/^(FINDINGS|NO_FINDINGS)$/)]);
}, 90_000);

it('kill -9 of the web server while instances come loses none that was acknowledged', async () => {
  const series = Array.from({ length: 40 }, (_, n) =>
    syntheticSeries({ seed: `stow-kill-${n}`, slices: 10, rows: 64, columns: 64 }),
  );
  const acknowledged: SyntheticInstance[] = [];
  const sending = { done: false };
  const send = async () => {
    for (const { instances } of series) {
      for (let left = [...instances]; left.length > 0; ) {
        const answer = await store(left.map(({ file }) => file)).catch(() => undefined);
        const stored = new Set(answer?.ok ? await storedBy(answer).catch(() => []) : []);
        acknowledged.push(...left.filter(({ SOPInstanceUID }) => stored.has(SOPInstanceUID)));
        left = left.filter(({ SOPInstanceUID }) => !stored.has(SOPInstanceUID));
        if (left.length > 0) await sleep(100);
      }
    }
    sending.done = true;
  };
  const sent = send();
  const kills = { count: 0 };
  while (!sending.done && kills.count < 5) {
    await sleep(200 + 97 * kills.count);
    const pid = web();
    if (pid === 0 || sending.done) continue;
    process.kill(pid, 'SIGKILL');
    kills.count += 1;
    while (web() === pid || !(await fetch(`${overread().url}/api/health`).catch(() => undefined))?.ok) await sleep(50);
  }
  await sent;
  expect(kills.count).toBeGreaterThanOrEqual(3);
  expect(acknowledged).toHaveLength(400);
  for (const { StudyInstanceUID, SeriesInstanceUID, instances } of series) {
    const base = `${overread().url}/dicomweb/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances`;
    for (const { SOPInstanceUID, dataset } of instances) {
      const file = await fetch(`${base}/${SOPInstanceUID}`, { headers: { accept: 'application/dicom' } });
      expect(
        Buffer.from(await file.arrayBuffer())
          .subarray(-dataset.length)
          .equals(dataset),
        SOPInstanceUID,
      ).toBe(true);
    }
  }
}, 240_000);

describe('an instance of 500 MB', () => {
  it('comes without being held in memory', async () => {
    const [model] = syntheticSeries({ seed: 'stow-large', slices: 1, rows: 32, columns: 32 }).instances;
    if (model === undefined) throw new Error('no instance');
    const pixelBytes = 500 * 1024 * 1024;
    // The pixel data of the model is the last element: its length is written over, its value goes on and on.
    const head = Buffer.from(model.file.subarray(0, model.file.length - 32 * 32 * 2));
    head.writeUInt32LE(pixelBytes, head.length - 4);
    const boundary = 'overread-large';
    const start = Buffer.concat([Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`), head]);
    const end = Buffer.from(`\r\n--${boundary}--\r\n`);
    const chunk = Buffer.alloc(1024 * 1024, 7);

    const before = rssMb(web());
    const peak = { mb: before };
    const watch = setInterval(() => {
      peak.mb = Math.max(peak.mb, rssMb(web()));
    }, 20);
    const sending = request(`${overread().url}/dicomweb/studies`, {
      method: 'POST',
      headers: {
        'content-type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
        'content-length': start.length + pixelBytes + end.length,
      },
    });
    const answered = new Promise<number>((resolve, reject) => {
      sending.once('response', (answer) => resolve(answer.resume().statusCode ?? 0));
      sending.once('error', reject);
    });
    sending.write(start);
    for (let sent = 0; sent < pixelBytes; sent += chunk.length) {
      if (!sending.write(chunk)) await new Promise((drained) => sending.once('drain', drained));
    }
    sending.end(end);
    expect(await answered).toBe(200);
    clearInterval(watch);
    console.log(`RSS of the web server: ${before} MB before, at most ${peak.mb} MB`);
    expect(peak.mb - before).toBeLessThan(150);
  }, 180_000);
});

const rssMb = (pid: number): number => {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
};
