import type { Config } from '../config.ts';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { NamedPeer } from '../domain/peer.ts';
import { parseRoutes, type RouteFile, type RouteWords } from '../domain/routing/route-file.ts';
import { type RouteDecision, routeStudy } from '../domain/routing/route-study.ts';
import type { StudyRoute } from '../pipeline/plan-studies.ts';
import type { Store } from '../store/connect.ts';
import { routeStore } from '../store/route-store.ts';
import { factsOf } from '../store/routing-facts.ts';
import { destinationName } from './destinations.ts';
import { FollowedFile } from './followed-file.ts';
import { every } from './timer.ts';

const LOOK_MS = 1000;

/** The words of rules: models of the settings, and destinations by name of a peer, AE title, or as the settings write them. */
export function routeWords({ MODELS, PACS }: Pick<Config, 'MODELS' | 'PACS'>, peers: readonly NamedPeer[]): RouteWords {
  const destinations = new Map<string, string>();
  for (const peer of PACS) destinations.set(peer.AETitle, destinationName(peer));
  for (const peer of PACS) destinations.set(destinationName(peer), destinationName(peer));
  for (const { name, AETitle, host, port } of peers)
    if (host !== undefined && port !== undefined) destinations.set(name, destinationName({ AETitle, host, port }));
  return { models: MODELS, destinations };
}

interface Routing {
  routeOf(StudyInstanceUID: string): Promise<StudyRoute>;
  close(): Promise<void>;
}

/**
 * Follows the file of rules. A file that is wrong changes nothing: the rules before it stay in force, over a restart too.
 *
 * @throws {AppError} ROUTES_INVALID, CONFIG_INVALID when the first file there ever was is wrong.
 */
export async function startRouting(
  context: Context,
  { ROUTES_FILE }: Pick<Config, 'ROUTES_FILE'>,
  store: Store,
  words: () => RouteWords,
): Promise<Routing> {
  const kept = routeStore(store);
  const state: { rules: RouteFile | undefined } = { rules: undefined };
  const step = async (file: FollowedFile) => {
    try {
      const read = await file.changed();
      if (read === undefined) return;
      const rules = parseRoutes(read.json, words());
      await kept.keepRoutes(rules);
      state.rules = rules;
      context.log.info('routes.loaded', { rules: rules.rules.length });
    } catch (error) {
      if (!(error instanceof AppError) || state.rules === undefined) throw error;
      context.log.error('routes.invalid', error);
      await kept.keepProblem(error.message);
    }
  };
  const timer = ROUTES_FILE === undefined ? undefined : await following(ROUTES_FILE);
  return {
    async routeOf(StudyInstanceUID) {
      const facts = await factsOf(store, StudyInstanceUID);
      const { rules } = state;
      const asPrior = facts?.asPrior ?? false;
      if (facts === undefined || rules === undefined || asPrior) return { decision: undefined, asPrior };
      const decision = routeStudy(rules, facts);
      await kept.keepRoute(facts, decision);
      return { decision: withAddresses(decision, words()), asPrior };
    },
    close: async () => timer?.close(),
  };

  async function following(path: string) {
    state.rules = (await kept.keptRoutes())?.rules;
    const file = new FollowedFile(path);
    await step(file);
    return every(context, 'routes', LOOK_MS, () => step(file));
  }
}

/** Destinations as deliveries keep them; a word that left the settings stays, and the delivery says so. */
const withAddresses = (decision: RouteDecision, { destinations }: RouteWords): RouteDecision => ({
  ...decision,
  models: decision.models.map((routed) => ({
    ...routed,
    destinations: routed.destinations?.map((word) => destinations.get(word) ?? word),
  })),
});
