import { type Config, loadConfig } from '../../config.ts';
import type { DryRunStudy } from '../../domain/contract/routes.ts';
import { AppError } from '../../domain/errors.ts';
import { dryRun } from '../../domain/routing/dry-run.ts';
import { parseRoutes } from '../../domain/routing/route-file.ts';
import { pinoLog } from '../../observability/pino-log.ts';
import { connect } from '../../store/connect.ts';
import { storedFacts } from '../../store/routing-facts.ts';
import { loadPeers } from '../peers.ts';
import { readJson } from '../read-json.ts';
import { routeWords } from '../routing.ts';
import type { RoutesCheckOptions } from './options.ts';
import { databaseUrl } from './switch-model.ts';

/**
 * Checks a file of rules against the settings, and says what it would do with the studies that are stored: a line for each.
 *
 * @throws {AppError} ROUTES_INVALID with each rule and word that is wrong; DATABASE_UNAVAILABLE while Overread is not running.
 */
export async function routesCheckCommand(given: string | undefined, options: RoutesCheckOptions): Promise<void> {
  const config = loadConfig(process.env);
  const { peers } = await loadPeers(config);
  const rules = parseRoutes(await readJson(fileOf(config, given)), routeWords(config, peers));
  if (options.rule !== undefined && !rules.rules.some(({ name }) => name === options.rule))
    throw new AppError('ROUTES_INVALID', `there is no rule ${options.rule} in the file`);
  const store = await connect(await databaseUrl(config), pinoLog('silent', 'routes'));
  try {
    const { rule, limit } = options;
    const tried = await dryRun(rules, storedFacts(store), { rule, limit });
    for (const study of tried.listed) process.stdout.write(`${linesOf(study).join('\n')}\n`);
    for (const { name, matched } of tried.rules) process.stdout.write(`rule ${name}: ${matched} studies\n`);
    process.stdout.write(`${tried.studies} studies stored, ${tried.unmatched} of them match nothing\n`);
  } finally {
    await store.close();
  }
}

function fileOf({ ROUTES_FILE }: Config, given: string | undefined): string {
  const file = given ?? ROUTES_FILE;
  if (file === undefined) throw new AppError('CONFIG_INVALID', 'name a file, or set ROUTES_FILE');
  return file;
}

function linesOf({ StudyInstanceUID, rules, models, priority, nearest }: DryRunStudy): readonly string[] {
  const read = models.map(({ modelId, series, destinations }) => {
    const of = series === null ? '' : ` of ${series.length} series`;
    return `${modelId}${of} -> ${destinations === null ? 'all of PACS' : destinations.join(', ') || 'nowhere'}`;
  });
  const what = rules.length === 0 ? 'no rule matches' : `${rules.join(', ')}: ${read.join('; ') || 'no model'}`;
  return [
    `${StudyInstanceUID}  ${what}${priority === null ? '' : ` (${priority})`}`,
    ...nearest.map(({ rule, misses }) => `    not ${rule}: ${misses.join('; ') || 'a rule before it matches'}`),
  ];
}
