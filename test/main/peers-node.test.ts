import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { echo } from '../../services/dicom/net/verification-scu.ts';
import { DoctorReport, PeersInfo } from '../../services/domain/contract/peers.ts';
import { type CertificateNames, isCertificateOf } from '../../services/domain/peer-access.ts';
import { freePort } from '../../services/main/ports.ts';
import { ctInstance } from '../dicom/net/ct-instance.ts';
import { startReceiver } from '../dicom/net/receiver.ts';
import { Certificates } from '../support/certificates.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../support/load-client.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { hasProgram } from '../support/programs.ts';

const run = promisify(execFile);
/** An address of this machine that is none of loopback: as if it came from the network. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;

describe.runIf(hasProgram('openssl'))('a node with a table of peers', () => {
  const certificates = new Certificates();
  const folder = mkdtempSync(join(tmpdir(), 'overread-peers-node-'));
  const file = join(folder, 'peers.json');
  const names = { node: certificates.make('OVERREAD'), pacs: certificates.make('PACS') };
  let overread: Overread;
  let pacs: Awaited<ReturnType<typeof startReceiver>>;
  let tlsPort = 0;

  const entries = () => [
    { name: 'pacs', AETitle: 'PACS', host: '127.0.0.1', port: pacs.tlsPort, tls: true, results: true },
    { name: 'away', AETitle: 'AWAY', addresses: ['10.255.0.0/16'] },
  ];
  const write = (content: unknown) => writeFileSync(file, JSON.stringify(content));
  const info = async () => PeersInfo.parse(await (await fetch(`${overread.url}/api/peers`)).json());
  async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
    for (const end = Date.now() + 60_000; ; await sleep(100)) {
      const value = await read();
      if (holds(value)) return value;
      if (Date.now() > end) throw new Error(`never: ${holds}\n${JSON.stringify(value)}`);
    }
  }
  const byTls = () => ({
    ...{ AETitle: 'OVERREAD', host: '127.0.0.1', port: tlsPort },
    tls: {
      identity: certificates.identity(names.pacs),
      isOf: (certificate: Parameters<typeof isCertificateOf>[1]) =>
        isCertificateOf({ AETitle: 'OVERREAD' }, certificate),
    },
  });
  const byPlain = (host = '127.0.0.1') => ({ AETitle: 'OVERREAD', host, port: overread.dimsePort });

  beforeAll(async () => {
    pacs = await startReceiver({ AETitle: 'PACS', tls: { port: 0, identity: certificates.identity(names.pacs) } });
    tlsPort = await freePort(0);
    write(entries());
    overread = await startOverread({
      ...{ PEERS_FILE: file, DIMSE_HOST: '0.0.0.0', DIMSE_TLS_PORT: String(tlsPort) },
      ...{ TLS_CERT_FILE: names.node.cert, TLS_KEY_FILE: names.node.key, TLS_CA_FILE: names.node.ca },
    });
  });
  afterAll(async () => {
    await overread?.stop();
    overread?.remove();
    await pacs?.stop();
    certificates.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a study by TLS and sends its result by TLS', async () => {
    const objects = [1, 2, 3].map((n) => ({ ...ctInstance(n), TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN }));
    const results = await sendInstances(byTls(), 'PACS', objects);
    expect(results.map(({ taken }) => taken)).toEqual([true, true, true]);
    await until(
      async () => pacs.recorded.length,
      (count) => count === 1,
    );
    expect(pacs.recorded[0]?.sourceAETitle).toBe('OVERREAD');
    const state = await until(info, ({ peers }) => peers[0]?.contacts.length === 2);
    expect(state.peers[0]?.contacts.map(({ direction, failures }) => [direction, failures]).toSorted()).toEqual([
      ['in', 0],
      ['out', 0],
    ]);
    expect(state).toMatchObject({ problem: null, unknownPeers: 'local' });
    expect(JSON.stringify(state)).not.toContain('PRIVATE');
  });

  it('lets this machine in, and nobody else: what it keeps out is a sentence in log and API', async () => {
    await echo(byPlain(), 'ANYBODY');
    await expect(echo(byPlain(), 'AWAY')).rejects.toThrow('calling AE title not recognized');
    await expect(echo(byPlain(), 'PACS')).rejects.toThrow('calling AE title not recognized');
    const state = await until(info, ({ peers }) =>
      peers.every(({ contacts }) => contacts.some(({ lastFailure }) => lastFailure)),
    );
    const sentences = state.peers.flatMap(({ contacts }) =>
      contacts.flatMap(({ lastFailure }) => lastFailure?.words.en.sentence ?? []),
    );
    expect(sentences).toContain('AWAY called from 127.0.0.1, and its entry names other addresses.');
    expect(sentences).toContain('PACS called from 127.0.0.1 in plaintext, and its entry asks for TLS.');
    const lines = overread
      .output()
      .split('\n')
      .filter((line) => line.includes('association.rejected'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('"explanation":"AWAY called from 127.0.0.1, and its entry names other addresses."');
  });

  it.runIf(outside !== undefined)('an address of the network is no loopback', async () => {
    await expect(echo(byPlain(outside), 'ANYBODY')).rejects.toThrow('calling AE title not recognized');
    const { strangers } = await until(info, (state) => state.strangers.some(({ address }) => address === outside));
    expect(strangers.find(({ address }) => address === outside)?.lastFailure?.code).toBe('CALLER_UNKNOWN');
  });

  it('reads the file again, and keeps what is in force when it is wrong', async () => {
    write([{ name: 'pacs', AETitle: 'PACS', port: 104 }]);
    const { problem, peers } = await until(info, (state) => state.problem !== null);
    expect(problem).toContain('entry 1: pacs: host and port go together');
    expect(peers).toHaveLength(2);
    await expect(echo(byPlain(), 'AWAY')).rejects.toThrow('calling AE title not recognized');
    write([...entries().slice(0, 1), { name: 'away', AETitle: 'AWAY', addresses: ['127.0.0.0/8'] }]);
    // Each role reads it on its own.
    await until(
      () =>
        echo(byPlain(), 'AWAY').then(
          () => true,
          () => false,
        ),
      (isIn) => isIn,
    );
    expect((await until(info, (state) => state.problem === null)).peers).toHaveLength(2);
  });

  it('the doctor examines a peer of the table, by the API and by the command line', async () => {
    const asked = await fetch(`${overread.url}/api/peers/pacs/doctor`, { method: 'POST' });
    const report = DoctorReport.parse(await asked.json());
    expect(report).toMatchObject({ name: 'pacs', state: 'ok', tls: true });
    expect((await fetch(`${overread.url}/api/peers/nobody/doctor`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${overread.url}/api/peers/away/doctor`, { method: 'POST' })).status).toBe(400);
    const cli = join(import.meta.dirname, '../../services/main/cli.ts');
    const doctor = (...parameters: string[]) =>
      run(process.execPath, [cli, 'doctor', '--peer', ...parameters], { env: overread.env }).then(
        ({ stdout }) => ({ stdout, code: 0 }),
        ({ stdout, code }: { stdout: string; code: number }) => ({ stdout, code }),
      );
    const well = await doctor('pacs', '--json');
    expect([well.code, DoctorReport.parse(JSON.parse(well.stdout)).state]).toEqual([0, 'ok']);
    const { stdout: echoed } = await run(process.execPath, [cli, 'echo', 'pacs'], { env: overread.env });
    expect(echoed).toContain(`PACS@127.0.0.1:${pacs.tlsPort} answers C-ECHO`);
    const plain = await doctor(`PACS@127.0.0.1:${pacs.tlsPort}`, '--language', 'zh-CN');
    expect([plain.code, plain.stdout]).toEqual([1, expect.stringContaining('使用 TLS，而我方以明文呼叫')]);
  });

  it('shows a certificate that was renewed, without a restart', async () => {
    const renewed = certificates.make('OVERREAD', { alternatives: 'DNS:renewed.example.org', days: 3 });
    copyFileSync(renewed.key, names.node.key);
    copyFileSync(renewed.cert, names.node.cert);
    const seen = { names: [] as readonly string[] };
    const isOf = (certificate: CertificateNames) => {
      seen.names = certificate.names;
      return true;
    };
    const asked = { ...byTls(), tls: { identity: certificates.identity(names.pacs), isOf } };
    await until(
      async () => {
        await echo(asked, 'PACS');
        return seen.names;
      },
      (shown) => shown.includes('renewed.example.org'),
    );
    expect((await until(info, ({ problem }) => problem === null)).certificateEndsAt).not.toBeNull();
  });

  it('does not start with what is wrong, and says all of it', async () => {
    mkdirSync(join(folder, 'data'));
    const wrong = (settings: Readonly<Record<string, string>>) =>
      startOverread({ DATA_DIR: join(folder, 'data'), ...settings });
    write([{ name: 'a b', AETitle: 'A\\B' }]);
    await expect(wrong({ PEERS_FILE: file })).rejects.toThrow(
      /PEERS_INVALID[\s\S]*entry 1, name[\s\S]*entry 1, AETitle/,
    );
    const old = certificates.make('OVERREAD', { days: -1 });
    const expired = { TLS_CERT_FILE: old.cert, TLS_KEY_FILE: old.key, TLS_CA_FILE: old.ca };
    await expect(wrong(expired)).rejects.toThrow(/TLS_INVALID: the certificate in TLS_CERT_FILE expired/);
  });
});
