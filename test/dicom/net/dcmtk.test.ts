import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { echo } from '../../../services/dicom/net/verification-scu.ts';
import { freePort } from '../../../services/main/ports.ts';
import { hasProgram } from '../../support/programs.ts';
import { ctInstance } from './ct-instance.ts';
import { outgoingFile, writePart10 } from './part10-files.ts';
import { eventually, type Receiver, startReceiver } from './receiver.ts';

const run = promisify(execFile);
// Without it dcmtk waits 40 ms for each acknowledgement.
const env = { ...process.env, TCP_NODELAY: '1' };

let scp: Receiver;
let folder: string;
beforeAll(async () => {
  scp = await startReceiver();
  folder = mkdtempSync(join(tmpdir(), 'overread-dcmtk-'));
});
afterAll(async () => {
  await scp.stop();
  rmSync(folder, { recursive: true, force: true });
});

const address = () => ['-aec', 'OVERREAD', '127.0.0.1', String(scp.port)];
const datasetOf = (file: string): Buffer => {
  const bytes = readFileSync(file);
  return bytes.subarray(readPart10Meta(bytes).datasetOffset);
};

/** Sends with a program of dcmtk and compares the data set on our disk with that in the file. */
async function expectStored(file: string, program: string, args: readonly string[]): Promise<void> {
  const before = scp.recorded.length;
  await run(program, [...args, ...address(), file], { env });
  const instance = scp.recorded[before];
  if (instance === undefined) throw new Error('nothing was recorded');
  const sent = readFileSync(file);
  expect(instance.TransferSyntaxUID).toBe(readPart10Meta(sent).TransferSyntaxUID);
  expect(scp.dataset(instance).equals(datasetOf(file))).toBe(true);
}

async function converted(name: string, program: string, ...args: string[]): Promise<string> {
  const source = join(folder, 'source.dcm');
  writePart10(source, ctInstance(name, { more: imageModule }), 'explicit');
  const file = join(folder, `${name}.dcm`);
  await run(program, [...args, source, file], { env });
  return file;
}

/** What dcmtk's encoders need besides the pixels. */
// biome-ignore format: a table
const imageModule = [
  [0x00280002, 'US', [1]], [0x00280004, 'CS', 'MONOCHROME2'], [0x00280100, 'US', [16]], [0x00280101, 'US', [12]],
  [0x00280102, 'US', [11]], [0x00280103, 'US', [0]],
] as const;

describe.skipIf(!hasProgram('echoscu'))('echoscu', () => {
  it('is answered', async () => {
    const { stderr, stdout } = await run('echoscu', ['-v', ...address()], { env });
    expect(stdout + stderr).toContain('Received Echo Response (Success)');
  });

  it('is told that the called AE title is not recognized', async () => {
    await expect(run('echoscu', ['-aec', 'OTHER', '127.0.0.1', String(scp.port)], { env })).rejects.toMatchObject({
      stderr: expect.stringContaining('Called AE Title Not Recognized'),
    });
  });
});

describe.skipIf(!hasProgram('termscu'))('termscu', () => {
  it('may not shut us down: its SOP Class, one of dcmtk, is refused, and the next peer is served', async () => {
    const associations = scp.context.events.filter((event) => event === 'association.ended').length;
    const { stderr = '', stdout = '' } = await run('termscu', ['-v', ...address()], { env }).catch((error) => error);
    expect(stdout + stderr).toMatch(/No Acceptable Presentation Contexts|Shutdown|Presentation Context/i);
    await eventually(() => scp.context.events.filter((event) => event === 'association.ended').length > associations);
    await echo({ AETitle: 'OVERREAD', host: '127.0.0.1', port: scp.port }, 'TEST');
  });
});

describe.skipIf(!hasProgram('storescu') || !hasProgram('dcmcjpls'))('storescu and dcmsend, byte for byte', () => {
  it.each([
    ['Explicit VR Little Endian', 'dcmconv', ['+te'], ['-xe']],
    ['Implicit VR Little Endian', 'dcmconv', ['+ti'], ['-xi']],
    ['Explicit VR Big Endian', 'dcmconv', ['+tb'], ['-xb']],
    ['Deflated', 'dcmconv', ['+td'], ['-xd']],
    ['JPEG-LS Lossless', 'dcmcjpls', [], ['-xt']],
    ['JPEG-LS Near-Lossless', 'dcmcjpls', ['+en'], ['-xu']],
    ['JPEG Lossless SV1', 'dcmcjpeg', ['+e1'], ['-xs']],
    ['RLE Lossless', 'dcmcrle', [], ['-xr']],
  ])('storescu: %s', async (name, program, convert, propose) => {
    // -R: only what is needed, so that the file goes in the syntax it has.
    await expectStored(await converted(name, program, ...convert), 'storescu', [...propose, '-R']);
  });

  it.each([
    ['Explicit VR Little Endian 2', 'dcmconv', ['+te']],
    ['JPEG-LS Lossless 2', 'dcmcjpls', []],
    ['RLE Lossless 2', 'dcmcrle', []],
    ['Deflated 2', 'dcmconv', ['+td']],
  ])('dcmsend with its own proposal: %s', async (name, program, convert) => {
    await expectStored(await converted(name, program, ...convert), 'dcmsend', []);
  });

  it('four at once, 25 instances each, all byte for byte', async () => {
    const before = scp.recorded.length;
    const lanes = [0, 1, 2, 3].map((lane) => join(folder, `lane${lane}`));
    const sent = new Map<string, Uint8Array>();
    for (const [lane, path] of lanes.entries()) {
      mkdirSync(path);
      for (let n = 0; n < 25; n++) {
        const instance = ctInstance(`${lane}0${n}`, { pixelBytes: 60_000 });
        sent.set(instance.SOPInstanceUID, instance.dataset);
        writePart10(join(path, `${n}.dcm`), instance, 'explicit');
      }
    }
    await Promise.all(lanes.map((path) => run('dcmsend', ['+sd', '+r', ...address(), path], { env })));
    const got = scp.recorded.slice(before);
    expect(got).toHaveLength(100);
    for (const instance of got) {
      const dataset = sent.get(instance.header.instance.SOPInstanceUID);
      expect(dataset && scp.dataset(instance).equals(dataset)).toBe(true);
    }
  });
});

describe.skipIf(!hasProgram('storescp'))('our SCU to storescp', () => {
  let storescp: ChildProcess;
  let peer: { AETitle: string; host: string; port: number };
  let received: string;
  beforeAll(async () => {
    received = join(folder, 'received');
    mkdirSync(received);
    peer = { AETitle: 'STORESCP', host: '127.0.0.1', port: await freePort(0) };
    storescp = spawn('storescp', ['+B', '+xa', '-od', received, String(peer.port)], { env, stdio: 'ignore' });
    await eventually(() => storescp.pid !== undefined);
    for (let tries = 0; tries < 50; tries++) {
      if (
        await echo(peer, 'OVERREAD').then(
          () => true,
          () => false,
        )
      )
        return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('storescp does not answer');
  });
  afterAll(() => void storescp.kill());

  it('sends several transfer syntaxes in one association; they arrive byte for byte', async () => {
    const files = await Promise.all([converted('to1', 'dcmconv', '+ti')]);
    files.push(await converted('to2', 'dcmcjpls'), await converted('to3', 'dcmconv', '+tb'));
    const results = await sendInstances(peer, 'OVERREAD', files.map(outgoingFile));
    expect(results).toMatchObject([{ taken: true, status: 0 }, { taken: true }, { taken: true }]);
    await eventually(() => readdirSync(received).length === 3);
    const sent = files.map((file) => datasetOf(file).toString('base64')).sort();
    expect(
      readdirSync(received)
        .map((name) => datasetOf(join(received, name)).toString('base64'))
        .sort(),
    ).toEqual(sent);
  });

  it('says which context was refused and goes on with the others', async () => {
    const [good, bad] = [ctInstance('9001'), ctInstance('9002')];
    const results = await sendInstances(peer, 'OVERREAD', [
      { ...bad, TransferSyntaxUID: '1.2.840.10008.1.2.4.999' },
      { ...good, TransferSyntaxUID: '1.2.840.10008.1.2.1' },
    ]);
    expect(results).toMatchObject([{ taken: false, error: expect.stringContaining('not supported') }, { taken: true }]);
  });
});
