import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { examinePeer } from '../../../services/dicom/net/examine-peer.ts';
import type { Peer } from '../../../services/dicom/net/open-association.ts';
import { isCertificateOf } from '../../../services/domain/peer-access.ts';
import { freePort } from '../../../services/main/ports.ts';
import { Certificates } from '../../support/certificates.ts';
import { ABORT } from '../../support/load-client.ts';
import { startOrthanc } from '../../support/orthanc.ts';
import { hasProgram } from '../../support/programs.ts';
import { startReceiver } from './receiver.ts';

const CT = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', TransferSyntaxUID: '1.2.840.10008.1.2.1' };
const SR = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34', TransferSyntaxUID: '1.2.840.10008.1.2.1' };
const folder = mkdtempSync(join(tmpdir(), 'overread-doctor-'));
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (port: number, AETitle = 'PACS'): Peer => ({ AETitle, host: '127.0.0.1', port });
async function examined(peer: Peer, { us = 'OVERREAD', needed = [CT], timeoutSeconds = 10 } = {}) {
  const report = await examinePeer(peer, { name: 'peer', us, needed, timeoutSeconds });
  return {
    report,
    state: report.state,
    steps: report.steps.map(({ step, state }) => `${step} ${state}`),
    codes: report.steps.flatMap(({ diagnosis }) => diagnosis?.code ?? []),
  };
}

/** A listener that does with each socket what it is told. */
async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A program that listens on `port`; resolves when it does. */
async function started(port: number, program: string, ...parameters: string[]): Promise<number> {
  const child: ChildProcess = spawn(program, parameters, { stdio: 'ignore' });
  cleanups.push(() => child.kill('SIGKILL'));
  const isUp = () =>
    new Promise<boolean>((resolve) => {
      const probe = createServer().once('error', () => resolve(true));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)));
    });
  for (let tries = 0; tries < 600 && !(await isUp()); tries += 1) await sleep(50);
  return port;
}

describe('a peer that is well', () => {
  it('answers every step: our own receiver', async () => {
    const scp = await startReceiver({ AETitle: 'PACS' });
    cleanups.push(() => scp.stop());
    const { state, steps, codes, report } = await examined(at(scp.port));
    expect(steps).toEqual([
      ...['address ok', 'connection ok', 'association ok', 'verification ok'],
      ...['storage ok', 'transferSyntaxes ok', 'query skipped'],
    ]);
    expect([state, codes]).toEqual(['ok', []]);
    expect(report.steps.find(({ step }) => step === 'transferSyntaxes')?.detail).toContain('JPEG-LS');
    // Nothing was stored.
    expect(scp.recorded).toEqual([]);
  });

  it('in part: it does not take what is sent to it', async () => {
    const scp = await startReceiver({
      AETitle: 'PACS',
      isAllowed: (_from, service, uid) =>
        service === 'verification' || (service === 'storage' && uid !== SR.SOPClassUID),
    });
    cleanups.push(() => scp.stop());
    const { state, codes, report } = await examined(at(scp.port), { needed: [CT, SR] });
    expect([state, codes]).toEqual(['partly', ['SERVICE_REFUSED']]);
    const told = report.steps.find(({ diagnosis }) => diagnosis !== null)?.diagnosis?.words;
    expect(told?.en.sentence).toBe('PACS does not let us use Comprehensive 3D SR Storage (refused as by a user).');
    expect(told?.['zh-CN'].request).toBe('请允许 OVERREAD 在 PACS 使用 Comprehensive 3D SR Storage。');
  });
});

describe('a peer that fails', () => {
  it('has no address', async () => {
    const { steps, codes } = await examined({ AETitle: 'PACS', host: 'no-such-host.invalid', port: 104 });
    expect([steps, codes]).toEqual([['address failed'], ['HOST_UNKNOWN']]);
  });

  it('does not listen', async () => {
    const { steps, codes, state } = await examined(at(await freePort(0)));
    expect([steps, codes, state]).toEqual([['address ok', 'connection failed'], ['PORT_REFUSED'], 'failed']);
  });

  it('is a web server that answers what it does not know', async () => {
    const server = createHttpServer().on('clientError', (_error, socket) =>
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    expect((await examined(at(await listening(server)))).codes).toEqual(['WEB_SERVER_THERE']);
  });

  it('is a web server that waits for more', async () => {
    const server = createServer((socket) => {
      socket.on(
        'data',
        (chunk) => chunk.toString('latin1').includes(' HTTP/1') && socket.end('HTTP/1.0 200 OK\r\n\r\n'),
      );
    });
    expect((await examined(at(await listening(server)), { timeoutSeconds: 2 })).codes).toEqual(['WEB_SERVER_THERE']);
  });

  it('is another protocol', async () => {
    const server = createServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
    const { codes, report } = await examined(at(await listening(server)));
    expect(codes).toEqual(['NOT_DICOM']);
    expect(report.steps.at(-1)?.diagnosis?.words.en.sentence).toContain('it said "SSH-2.0-OpenSSH_"');
  });

  it('says nothing', async () => {
    const port = await listening(createServer(() => {}));
    expect((await examined(at(port), { timeoutSeconds: 1 })).codes).toEqual(['NO_ANSWER']);
  });

  it('hangs up', async () => {
    const port = await listening(createServer((socket) => socket.once('data', () => socket.end())));
    expect((await examined(at(port))).codes).toEqual(['CLOSED_UNANSWERED']);
  });

  it('aborts', async () => {
    const port = await listening(createServer((socket) => socket.once('data', () => socket.write(ABORT))));
    const { codes, steps } = await examined(at(port));
    expect([codes, steps.at(-1)]).toEqual([['ABORTED_BY_PEER'], 'association failed']);
  });

  it('has no room', async () => {
    const scp = await startReceiver({ AETitle: 'PACS', maxAssociations: 0 });
    cleanups.push(() => scp.stop());
    expect((await examined(at(scp.port))).codes).toEqual(['REJECTED_BUSY']);
  });

  it('does not know us', async () => {
    const scp = await startReceiver({ AETitle: 'PACS', accessOf: () => ({ refused: 'unknown caller' }) });
    cleanups.push(() => scp.stop());
    expect((await examined(at(scp.port))).codes).toEqual(['CALLING_TITLE_UNKNOWN']);
  });
});

describe.skipIf(!hasProgram('dcmqrscp'))('dcmtk', () => {
  const configured = (name: string, peers: string) => {
    const database = join(folder, name);
    mkdirSync(database);
    const file = join(folder, `${name}.cfg`);
    const hosts = [
      'HostTable BEGIN',
      'ours = (OVERREAD, localhost, 11112)',
      'HostTable END',
      'VendorTable BEGIN',
      'VendorTable END',
    ];
    const table = ['AETable BEGIN', `PACS ${database} RW (10, 64mb) ${peers}`, 'AETable END'];
    const head = ['NetworkType = "tcp"', 'MaxPDUSize = 16384', 'MaxAssociations = 4'];
    writeFileSync(file, `${[...head, ...hosts, ...table].join('\n')}\n`);
    return file;
  };

  it('dcmqrscp answers, also a query; another AE title it does not', async () => {
    const port = await freePort(0);
    await started(port, 'dcmqrscp', '-c', configured('open', 'ANY'), String(port));
    const { state, steps } = await examined(at(port));
    expect([state, steps.at(-1)]).toEqual(['ok', 'query ok']);
    expect((await examined(at(port, 'OTHER'))).codes).toEqual(['CALLED_TITLE_UNKNOWN']);
  });

  it('dcmqrscp that does not know us says that of the called AE title', async () => {
    const port = await freePort(0);
    await started(port, 'dcmqrscp', '-c', configured('closed', 'ours'), String(port));
    const { codes, report } = await examined(at(port), { us: 'STRANGER' });
    expect(codes).toEqual(['CALLED_TITLE_UNKNOWN']);
    expect(report.steps.at(-1)?.diagnosis?.words.en.sentence).toContain('STRANGER');
  });

  it('storescp takes what is sent, and no query', async () => {
    const port = await freePort(0);
    await started(port, 'storescp', '-od', folder, String(port));
    const { state, steps } = await examined(at(port), { needed: [SR] });
    expect([state, steps.at(-1)]).toEqual(['ok', 'query skipped']);
  });
});

describe.skipIf(!hasProgram('storescp') || !hasProgram('openssl'))('by TLS', () => {
  const certificates = new Certificates();
  afterAll(() => certificates.remove());
  const names = { node: certificates.make('OVERREAD'), pacs: certificates.make('PACS') };
  const foreign = certificates.make('PACS', { authority: 'elsewhere' });
  const secure = (port: number, files = names.node): Peer => ({
    ...at(port),
    tls: {
      identity: { ...certificates.identity(files), ca: certificates.identity(names.node).ca },
      isOf: (certificate) => isCertificateOf({ AETitle: 'PACS' }, certificate),
    },
  });
  let port = 0;
  let kill: (() => unknown) | undefined;
  beforeAll(async () => {
    port = await freePort(0);
    const { key, cert, ca } = names.pacs;
    await started(port, 'storescp', '+tls', key, cert, '+cf', ca, '-od', folder, String(port));
    kill = cleanups.pop();
  });
  afterAll(() => kill?.());

  it('storescp is well', async () => {
    const { state, steps } = await examined(secure(port));
    expect([state, steps.slice(0, 4)]).toEqual(['ok', ['address ok', 'connection ok', 'tls ok', 'association ok']]);
  });

  it('it is told that it wants TLS', async () => {
    expect((await examined(at(port))).codes).toEqual(['TLS_NEEDED']);
  });

  it('it is told that it does not know the authority of our certificate', async () => {
    expect((await examined(secure(port, foreign))).codes).toEqual(['OUR_CERTIFICATE_REFUSED']);
  });

  it('a peer in plaintext is told', async () => {
    const scp = await startReceiver({ AETitle: 'PACS' });
    cleanups.push(() => scp.stop());
    const { codes, steps } = await examined(secure(scp.port));
    expect([codes, steps.at(-1)]).toEqual([['TLS_NOT_SPOKEN'], 'tls failed']);
  });

  it.each([
    ['CERTIFICATE_EXPIRED', () => certificates.make('PACS', { days: -1 })],
    ['CERTIFICATE_UNTRUSTED', () => foreign],
    ['CERTIFICATE_OF_ANOTHER', () => names.node],
  ])('%s is told', async (code, files) => {
    const scp = await startReceiver({ AETitle: 'PACS', tls: { port: 0, identity: certificates.identity(files()) } });
    cleanups.push(() => scp.stop());
    const { codes, steps } = await examined(secure(scp.tlsPort));
    expect([codes, steps.at(-1)]).toEqual([[code], 'tls failed']);
  });
});

describe.skipIf(!hasProgram('Orthanc'))('Orthanc that checks who calls it what', () => {
  it('does not know another AE title, nor a modality that it has not', async () => {
    const orthanc = await startOrthanc({
      ...{
        DicomCheckCalledAet: true,
        DicomAlwaysAllowEcho: false,
        DicomAlwaysAllowStore: false,
        DicomAlwaysAllowFind: false,
      },
      ...{ DicomCheckModalityHost: false, DicomModalities: { ours: ['OVERREAD', '127.0.0.1', 104] } },
    });
    cleanups.push(() => orthanc.stop());
    const known = await examined(at(orthanc.port, 'ORTHANC'));
    expect([known.state, known.steps.at(-1)]).toEqual(['ok', 'query ok']);
    expect((await examined(at(orthanc.port, 'OTHER'))).codes).toEqual(['CALLED_TITLE_UNKNOWN']);
    const stranger = await examined(at(orthanc.port, 'ORTHANC'), { us: 'STRANGER' });
    expect(stranger.state).not.toBe('ok');
  });
});
