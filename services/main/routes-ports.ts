import type { Config } from '../config.ts';
import { dryRun } from '../domain/routing/dry-run.ts';
import { parseRoutes, type RouteWords } from '../domain/routing/route-file.ts';
import type { RoutingPorts } from '../http/routes/routing.ts';
import type { Store } from '../store/connect.ts';
import { routeStore } from '../store/route-store.ts';
import { storedFacts } from '../store/routing-facts.ts';
import { turnstile } from './turnstile.ts';

/** What the web server says of routing. A dry run reads the whole index: one at a time. */
export function routesPorts(
  { ROUTES_FILE }: Pick<Config, 'ROUTES_FILE'>,
  store: Store,
  words: () => RouteWords,
): RoutingPorts {
  const kept = routeStore(store);
  const turn = turnstile(1);
  const inForce = async () => (ROUTES_FILE === undefined ? undefined : kept.keptRoutes());
  return {
    async routesInForce() {
      const routes = await inForce();
      return {
        configured: ROUTES_FILE !== undefined,
        rules: [...(routes?.rules.rules ?? [])],
        loadedAt: routes?.loadedAt.toISOString() ?? null,
        problem: routes?.problem ?? null,
      };
    },
    async routesDryRun({ rules, ...options }) {
      const file = rules === undefined ? ((await inForce())?.rules ?? { rules: [] }) : parseRoutes({ rules }, words());
      return turn(() => dryRun(file, storedFacts(store), options));
    },
  };
}
