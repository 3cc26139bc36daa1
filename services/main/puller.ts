import type { Config } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { parseWatches, type WatchFile } from '../domain/pull/watch-file.ts';
import { connect, type Store } from '../store/connect.ts';
import { priorStore } from '../store/prior-store.ts';
import { pullStore } from '../store/pull-store.ts';
import { factsOf } from '../store/routing-facts.ts';
import { SoleHolder } from '../store/sole-holder.ts';
import { watchFileState } from '../store/watch-file-state.ts';
import { addressOf } from './destinations.ts';
import { FollowedFile } from './followed-file.ts';
import { type PeersInForce, peersInForce } from './peers.ts';
import { archiveOf } from './pull/archive.ts';
import { PullLoop } from './pull/pull-loop.ts';
import { watchWords } from './pull/watch-words.ts';
import { receivePorts } from './receive-ports.ts';
import { type RoleContext, type RunningRole, required, runRole } from './role.ts';
import { every } from './timer.ts';

const TURN_MS = 500;
/** Of the server's advisory locks: who fetches. */
const PULL_LOCK = 0x70756c6c;

/**
 * Watches archives and fetches from them. What they answer is a stranger's: it is read in this process and no other, by the same
 * bounded readers as the receiver's, and when it ends nothing else does.
 */
await runRole('puller', async (context, config) => {
  const url = required(config.DATABASE_URL, 'DATABASE_URL');
  const store = await connect(url, context.log);
  return startPuller(context, config, store, new SoleHolder(url, PULL_LOCK, context.log));
});

async function startPuller(
  context: RoleContext,
  config: Config,
  store: Store,
  holder: SoleHolder,
): Promise<RunningRole> {
  const peers = await peersInForce(context, config);
  const followed = await followWatches(context, config, store, peers);
  const state: { pulling?: Pulling } = {};
  const timer = every(context, 'pull', TURN_MS, async () => {
    await followed.look();
    if (!(await holder.holds())) return;
    // Not before: what lies in its folder may be another's, who is at work.
    state.pulling ??= await startPulling(context, config, store, peers, () => holder.holds());
    state.pulling.loop.turn(followed.file());
  });
  return {
    async close() {
      await timer.close();
      await state.pulling?.loop.settled();
      await state.pulling?.sweeping.close();
      await holder.close();
      await peers.close();
      await store.close();
    },
  };
}

type Peers = Pick<PeersInForce, 'table' | 'identity'>;

interface Pulling {
  readonly loop: PullLoop;
  readonly sweeping: { close(): Promise<void> };
}

async function startPulling(
  context: RoleContext,
  config: Config,
  store: Store,
  peers: Peers,
  holds: () => Promise<boolean>,
): Promise<Pulling> {
  const { index, ports: receive, sweeping } = await receivePorts(context, config, store, 'puller');
  const loop = new PullLoop(context, {
    ...pullStore(store),
    ...priorStore(store),
    factsOf: (uid) => factsOf(store, uid),
    firstPauseSeconds: config.RETRY_SECONDS,
    holds,
    archiveOf: (name) => {
      const peer = peers.table().peers.find((each) => each.name === name);
      if (peer === undefined) throw new AppError('WATCHES_INVALID', `${name} is no peer of PEERS_FILE`);
      const { AETitle, calledAETitle, host = '', port = 0, dicomwebUrl } = peer;
      const us = calledAETitle ?? config.AE_TITLE;
      const address = () => addressOf({ ...peer, host, port }, peers.identity());
      return archiveOf(context, config, { AETitle, us, address, dicomwebUrl }, { receive, index });
    },
  });
  return { loop, sweeping };
}

/** A file that is wrong changes nothing, and is told. */
async function followWatches({ log }: RoleContext, { WATCH_FILE }: Config, store: Store, peers: Peers) {
  const path = required(WATCH_FILE, 'WATCH_FILE');
  const state: { file: WatchFile } = { file: { watches: [], priors: [] } };
  const kept = watchFileState(store);
  const followed = new FollowedFile(path);
  return {
    file: () => state.file,
    async look(): Promise<void> {
      try {
        const read = await followed.changed();
        if (read === undefined) return;
        state.file = parseWatches(read.json, watchWords(peers.table().peers));
        await kept.loaded();
        log.info('watches.loaded', { watches: state.file.watches.length, priors: state.file.priors.length });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        log.error('watches.invalid', error);
        await kept.wrong(error.message);
      }
    },
  };
}
