import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '../../services/config.ts';
import { echo } from '../../services/dicom/net/verification-scu.ts';
import { PeerList } from '../../services/domain/peer.ts';
import type { Archive, DueStudy } from '../../services/domain/pull/ports.ts';
import { type Watch, WatchFile } from '../../services/domain/pull/watch-file.ts';
import { freePort } from '../../services/main/ports.ts';
import { archiveOf } from '../../services/main/pull/archive.ts';
import { receivePorts } from '../../services/main/receive-ports.ts';
import { prometheusMetrics } from '../../services/observability/prometheus-metrics.ts';
import { fetchStudy } from '../../services/pipeline/fetch-study.ts';
import { pollWatch } from '../../services/pipeline/poll-watch.ts';
import type { Store } from '../../services/store/connect.ts';
import { pullQueries } from '../../services/store/pull-queries.ts';
import { pullStore } from '../../services/store/pull-store.ts';
import { startStore } from './database.ts';
import { fakeContext } from './fake-context.ts';

/** dcmtk's archive over a folder of its own. `destinations`: AE title and port. */
export interface Dcmqrscp {
  readonly port: number;
  stop(): void;
}

export async function startDcmqrscp(destinations: Readonly<Record<string, number>>): Promise<Dcmqrscp> {
  const folder = mkdtempSync(join(tmpdir(), 'overread-qrscp-'));
  const port = await freePort(0);
  mkdirSync(join(folder, 'database'));
  const hosts = Object.entries(destinations).map(
    ([AETitle, at]) => `${AETitle.toLowerCase()} = (${AETitle}, 127.0.0.1, ${at})`,
  );
  writeFileSync(
    join(folder, 'dcmqrscp.cfg'),
    `NetworkTCPPort = ${port}
MaxPDUSize = 65536
MaxAssociations = 16
HostTable BEGIN
${hosts.join('\n')}
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
QRSCP ${join(folder, 'database')} RW (50, 500mb) ANY
AETable END
`,
  );
  const child: ChildProcess = spawn('dcmqrscp', ['-c', join(folder, 'dcmqrscp.cfg')], {
    env: { ...process.env, TCP_NODELAY: '1' },
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 150; tries += 1) {
    const answers = await echo({ AETitle: 'QRSCP', host: '127.0.0.1', port }, 'TEST').then(
      () => true,
      () => false,
    );
    if (answers) break;
    await sleep(100);
  }
  return {
    port,
    stop() {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a puller does, step by step, into a store and a folder of its own. */
export interface Pulling {
  readonly store: Store;
  readonly config: Config;
  /** What was asked of the peer, one line each. */
  readonly asked: string[];
  watch(given: Partial<Watch> & { readonly peer: string }): Watch;
  poll(watch: Watch, now?: Date): Promise<number>;
  /** Fetches what is due of a peer, once each; answers with the states. */
  fetchDue(watch: Watch): Promise<readonly string[]>;
  /** Of one study, as the API says it. */
  said(
    StudyInstanceUID: string,
  ): Promise<Awaited<ReturnType<ReturnType<typeof pullQueries>['overview']>>['studies'][number]>;
  instances(StudyInstanceUID: string): Promise<number>;
  /** As if the pause before the next try were over. */
  hurry(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPulling(peers: unknown, settings: Partial<Config> = {}): Promise<Pulling> {
  const { store, stop } = await startStore();
  const folder = mkdtempSync(join(tmpdir(), 'overread-pulling-'));
  const config = { ...Config.parse({ DATA_DIR: folder }), ...settings };
  const context = { ...fakeContext(), metrics: prometheusMetrics() };
  const { ports: receive, index, sweeping } = await receivePorts(context, config, store, 'puller');
  const named = PeerList.parse(peers);
  const asked: string[] = [];
  const pulls = pullStore(store);
  const spied = (name: string): Archive => {
    const peer = named.find((each) => each.name === name);
    if (peer === undefined) throw new Error(`no peer ${name}`);
    const { AETitle, host = '', port = 0, dicomwebUrl } = peer;
    const address = () => ({ AETitle, host, port });
    const archive = archiveOf(context, config, { AETitle, us: 'OVERREAD', address, dicomwebUrl }, { receive, index });
    return {
      find(by, level, keys) {
        asked.push(`${by} ${level}`);
        return archive.find(by, level, keys);
      },
      fetch(how, request, onStored) {
        const level = request.SOPInstanceUIDs
          ? `${request.SOPInstanceUIDs.length} images`
          : request.SeriesInstanceUID
            ? 'series'
            : 'study';
        asked.push(`${how} ${level}`);
        return archive.fetch(how, request, onStored);
      },
    };
  };
  return {
    ...{ store, config, asked },
    watch(given) {
      const [watch] = WatchFile.parse({
        watches: [{ name: `${given.peer} ${given.by} ${given.fetch}`, ...given }],
      }).watches;
      if (watch === undefined) throw new Error('no watch');
      return watch;
    },
    poll: (watch, now = new Date()) =>
      pollWatch(context, { ...pulls, archive: spied(watch.peer), now: () => now }, watch),
    async fetchDue(watch) {
      const states: string[] = [];
      const ports = { ...pulls, archive: spied(watch.peer), firstPauseSeconds: 60 };
      for (let due = await pulls.nextStudy(watch.peer); due !== undefined; due = await pulls.nextStudy(watch.peer)) {
        const study: DueStudy = { ...due, ask: watch.by };
        states.push((await fetchStudy(context, ports, study))?.state ?? 'stopped');
      }
      return states;
    },
    async said(StudyInstanceUID) {
      const { studies } = await pullQueries(store).overview({ StudyInstanceUID, limit: 1 });
      if (studies[0] === undefined) throw new Error('not found by any watch');
      return studies[0];
    },
    async instances(StudyInstanceUID) {
      const held = await pulls.heldBySeries(StudyInstanceUID);
      return [...held.values()].reduce((sum, each) => sum + each, 0);
    },
    async hurry() {
      await store.database
        .updateTable('pull_study')
        .set({ nextAttemptAt: new Date(0) })
        .where('nextAttemptAt', 'is not', null)
        .execute();
    },
    async stop() {
      await sweeping.close();
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
