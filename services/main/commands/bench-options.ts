import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BenchCompareOptions, BenchRunOptions } from './options.ts';

/** `overread bench …`: the options; what they do is loaded when they are used. */
export function addBench(bench: Command): void {
  bench.description('measure a model: accuracy by LUNA16 rules, speed by MLPerf scenarios');
  bench
    .command('run')
    .description('run a bench file; writes report.html, metrics.json, junit.xml and detections.csv')
    .argument('<bench.yaml>', 'model, data sets, scenarios and gates')
    .option('--out <folder>', 'where the outputs go', 'report')
    .option('--json', 'print metrics.json instead of the summary', false)
    .option('--junit', 'print junit.xml instead of the summary', false)
    .option('--seed <n>', 'of bootstraps and arrivals, instead of that of the file', parseSeed)
    .option('--price-per-hour <money>', 'of this machine: reports the cost of 1,000 studies', parsePrice)
    .option('--allow-loaded', 'exit 0 although other work shares the machine; the report says so all the same', false)
    .addOption(new Option('--only <part>', 'measure one part').choices(['accuracy', 'speed']))
    .option('--baseline <metrics.json>', 'compare with this run, paired by scan')
    .option(
      '--detections <csv>',
      'judge these marks (seriesuid,coordX,coordY,coordZ,probability) instead of running a model',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 every gate holds, 1 one does not or data is missing, 2 the machine was loaded, 64 wrong usage.',
    )
    .action(async (file: string, options: BenchRunOptions) =>
      (await import('./bench.ts')).benchRunCommand(file, options),
    );
  bench
    .command('compare')
    .description('what changed from one metrics.json to another, with a paired bootstrap over scans')
    .argument('<before>', 'metrics.json')
    .argument('<after>', 'metrics.json')
    .option('--gate <metric:limit>', 'cpm:-0.01, ece:+0.02, p95:+10%; may be given again', collect, [])
    .option('--gates <file>', 'a list of gates, as in a bench file')
    .option('--bootstraps <n>', 'samples', parseCount, 1000)
    .option('--seed <n>', 'of the samples', parseSeed, 1)
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExit codes: 0 every gate holds, 1 one does not or cannot be judged, 64 wrong usage.')
    .action(async (before: string, after: string, options: BenchCompareOptions) =>
      (await import('./bench.ts')).benchCompareCommand(before, after, options),
    );
  bench
    .command('digest')
    .description('SHA-256 over the images of a scan, for a data set file')
    .argument('<folders...>', 'folders of scans')
    .action(async (folders: string[]) => (await import('./bench.ts')).benchDigestCommand(folders));
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    throw new InvalidArgumentError('a number from 0 to 4294967295');
  return seed;
}

function parsePrice(text: string): number {
  const price = Number(text);
  if (text.trim() === '' || !(price > 0) || !Number.isFinite(price)) throw new InvalidArgumentError('a number above 0');
  return price;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 100 || count > 100_000)
    throw new InvalidArgumentError('a number from 100 to 100000');
  return count;
}
